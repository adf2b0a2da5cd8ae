package import Configuration
import Control
import Hooks
import Linux
import Preflight

/// What an operator does with hooks beside the agent.
extension AgentProgram {
    /// What `vip-switch hooks test` does: runs one hook as the agent would, and shows what comes of it.
    package static func testHook(
        _ options: AgentOptions,
        event name: String?,
        group: String?,
        asJSON: Bool
    ) -> ExitCode {
        var code = ExitCode.success
        let failure = obeying { () throws(StartFailure) in
            try dropWhatTheFileGave()
            let event = try event(named: name)
            let configuration = try configuration(options)
            let trial = try HookTrial(event, of: try Self.group(named: group, for: event, configuration), configuration)
            if !asJSON {
                try tell(trial.warnings.map { "warning: \($0)\n" }.joined() + trial.headline + "\n")
                // A reader that is gone does not stop the hook half-way.
                trial.heard = { line in try? StandardStream.output.write("  \(line)\n") }
            }
            try trial.run()
            try tell(asJSON ? trial.json.text + "\n" : "\(trial.ending)\n\(trial.advice)")
            code = trial.hasSucceeded ? .success : .failure
        }
        return failure == .success ? code : failure
    }

    /// An ordinary user has what the binary's file capabilities give, and needs none of it.
    private static func dropWhatTheFileGave() throws(StartFailure) {
        guard !User.effective.isRoot else { return }
        try StartFailure.attempting("cannot drop the capabilities") { () throws(Errno) in try Capabilities.dropAll() }
    }

    /// What `vip-switch hooks sign` does: lists the digests of all programs that the configuration runs, with a signature.
    package static func signHooks(_ options: AgentOptions) -> ExitCode {
        obeying { () throws(StartFailure) in
            let configuration = try configuration(options)
            guard let signature = configuration.hooks.signature else {
                throw StartFailure("\(configuration.path) names no hooks.signature_file to write", exitCode: .usage)
            }
            let programs: [String: [UInt8]]
            let text: String
            do throws(HookRefusal) {
                let key = try SignatureKey.read(signature.keyFile)
                programs = try contents(of: Set(configuration.allHooks.map(\.hook.command)))
                text = SignatureList.text(of: programs, key: key)
            } catch {
                throw StartFailure(error.description)
            }
            try StartFailure.attempting("cannot write \(signature.file)") { () throws(Errno) in
                try DurableFile.replace(signature.file, with: Array(text.utf8), mode: 0o644)
            }
            let list = programs.keys.sorted().map { "  \($0)\n" }.joined()
            try tell("signed in \(signature.file):\n\(list)")
        }
    }

    private static func contents(of programs: Set<String>) throws(HookRefusal) -> [String: [UInt8]] {
        var contents: [String: [UInt8]] = [:]
        for program in programs.sorted() {
            let check = HookCommandCheck(program)
            guard check.errors.isEmpty else { throw HookRefusal(check.errors.joined(separator: "; ")) }
            do throws(Errno) {
                contents[program] = try RegularFile.read(program, limit: CheckedProgram.largest).bytes
            } catch {
                throw HookRefusal("cannot read \(program): \(error)")
            }
        }
        return contents
    }

    private static func event(named name: String?) throws(StartFailure) -> HookEvent {
        let names = HookEvent.allCases.map(\.rawValue)
        let expected = "expected \(names.joined(separator: ", "))"
        guard let name else { throw StartFailure("which event? \(expected)", exitCode: .usage) }
        if let event = HookEvent(rawValue: name) { return event }
        let hint = suggestion(for: name, among: names).map { "; did you mean \($0)?" } ?? ""
        throw StartFailure("there is no event \(quoted(name)); \(expected)\(hint)", exitCode: .usage)
    }

    private static func group(
        named name: String?,
        for event: HookEvent,
        _ configuration: Configuration
    ) throws(StartFailure) -> GroupSettings? {
        let groups = configuration.groups
        let names = groups.map(\.name).joined(separator: ", ")
        guard event.isOfGroup else {
            guard name == nil else {
                let text = "\(event.rawValue) is no group's but the node's; leave --group out"
                throw StartFailure(text, exitCode: .usage)
            }
            return nil
        }
        if let name {
            if let group = groups.first(where: { $0.name == name }) { return group }
            throw StartFailure("there is no group \(quoted(name)); expected one of \(names)", exitCode: .usage)
        }
        guard groups.count <= 1 else { throw StartFailure("which group? --group \(names)", exitCode: .usage) }
        return groups.first
    }
}
