package import Configuration
import Elections
import Linux
import Preflight

/// What an operator orders beside the agent, as its user: exceptions to what the cluster does by itself.
extension AgentProgram {
    /// What `vip-switch members recover` does: makes this node the only voter of a new cluster, or tells what it would do.
    package static func recover(_ options: AgentOptions, isConfirmed: Bool) -> ExitCode {
        obeying { () throws(StartFailure) in
            let configuration = try configuration(options)
            let node = try StoppedNode(configuration.node.dataDirectory)
            let plan = try RecoveryPlan(node.stored, configuration)
            guard isConfirmed else {
                try tell(plan.proposal)
                throw StartFailure("nothing was changed; if that is so, say it again with --yes")
            }
            try tell(plan.account(of: try node.recover(as: plan.node)))
        }
    }

    /// What `vip-switch bootstrap --only` does: from the next start on these nodes found the cluster without the others.
    package static func bootstrap(_ options: AgentOptions, only names: String) -> ExitCode {
        obeying { () throws(StartFailure) in
            let configuration = try configuration(options)
            let order: FoundingOrder
            do throws(FoundingOrder.Fault) {
                order = try FoundingOrder(parsing: names, configuration)
            } catch {
                throw StartFailure("--only: \(error.text)", exitCode: .usage)
            }
            let directory = configuration.node.dataDirectory
            do throws(StorageError) {
                try RaftStorage.order(order.founders, directory: directory)
            } catch {
                throw StartFailure("\(error)")
            }
            let words = order.account(of: configuration.node.id, running: StoppedNode.runner(on: directory))
            try tell(words)
        }
    }

    static func obeying(_ body: () throws(StartFailure) -> Void) -> ExitCode {
        do throws(StartFailure) {
            try body()
            return .success
        } catch {
            report(error)
            return error.exitCode
        }
    }

    /// Without a look at the machine: a node may be recovered before its interfaces are.
    static func configuration(_ options: AgentOptions) throws(StartFailure) -> Configuration {
        let reading = Preflight.load(options)
        guard let configuration = reading.configuration else {
            throw StartFailure(reading.diagnostics.filter { $0.severity == .error })
        }
        return configuration
    }

    static func tell(_ text: String) throws(StartFailure) {
        try StartFailure.attempting("cannot write to standard output") { () throws(Errno) in
            try StandardStream.output.write(text)
        }
    }
}
