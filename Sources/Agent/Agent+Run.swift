import Configuration
import Control
import Elections
import Failover
import Keeper
import Linux
import Net
import Observability
import Raft
import Runner
import Scribe
import Time

extension Agent {
    /// Runs the loop to its end and returns the exit code.
    static func run(
        _ inputs: AgentInputs,
        _ options: AgentOptions,
        _ helpers: Helpers,
        _ stored: StoredInputs,
        _ reports: [KeeperReport],
        _ service: ServiceReport?
    ) throws(StartFailure) -> ExitCode {
        let configuration = inputs.configuration
        let links = try StartFailure.attempting("cannot start the event loop") { () throws(Errno) in
            try Links(
                helpers,
                on: EventLoop(),
                level: LogLevel(configuration.logging.level),
                format: LogFormat(configuration.logging.format),
                removal: configuration.removal
            )
        }
        links.log.showsPriority = configuration.logging.output == nil && StandardStream.isJournal
        let agent = Agent(configuration, options, links, founders: stored.founders, service: service)
        links.listener = agent
        agent.keepHistory(stored.history)
        let signals = try StartFailure.attempting("cannot hear signals") { () throws(Errno) in
            try Signals(on: links.loop) { [unowned agent] in agent.hear($0) }
        }
        // Heard to the end: by default a second TERM kills whoever waits for a slow disk.
        defer { withExtendedLifetime(signals) { links.close() } }
        let election = try agent.makeElection(stored.state, inputs.secrets)
        agent.election = election
        election.answerPeers { [unowned agent] in agent.hear($0) }
        agent.hasJoined = stored.state.hardState.cluster != .none
        try agent.serveStatus()
        try agent.serveControl()
        return try StartFailure.attempting("the event loop failed") { () throws(Errno) in
            agent.begin(warnings: inputs.warnings)
            try election.start()
            agent.tellReady()
            agent.tellStatus()
            agent.watchOverElection()
            // What the keeper has said by now of the links is heard before anything of the election.
            for report in reports { agent.hear(report) }
            try links.loop.run()
            return agent.ending?.exitCode ?? .failure
        }
    }

    private func begin(warnings: [String]) {
        log.write(
            .started,
            [
                "version": LogValue(programVersion), "configuration": LogValue(configuration.path),
                "node": LogValue(configuration.node.id), "raft_addr": LogValue(configuration.node.raftAddress),
                "groups": .list(configuration.groups.map(\.name)),
            ]
        )
        for warning in warnings { log.write(.configurationWarning, ["warning": LogValue(warning)]) }
        if configuration.isRealTime {
            for refusal in RealTime.enter() {
                log.write(.realtimeLimited, ["reason": LogValue(refusal.description)])
            }
        }
        if User.effective.isRoot {
            log.write(.runsAsRoot)
        }
        if let founders { warn(ofFounders: founders) }
        if let since = maintenance.since {
            log.write(.isDrained, ["since": LogValue(since)])
        }
        watchPeers()
        run(.toReady, group: nil)
    }

    private func warn(ofFounders founders: Set<NodeID>) {
        let names = founders.sorted().map(\.text)
        log.write(
            .foundsAlone,
            [
                "founders": .list(names),
                "not_awaited": .list(configuration.cluster.nodes.map(\.id).filter { !names.contains($0) }),
            ]
        )
    }

    private func makeElection(_ stored: StoredState, _ secrets: [ClusterSecret]) throws(StartFailure) -> RaftElection {
        guard var settings = configuration.electionSettings else {
            throw StartFailure("cannot use \(configuration.node.id) or another name in cluster.nodes as a node's name")
        }
        settings.founders = founders
        // A drained node is so from its first word on.
        settings.fitness = fitness
        let transport = SealedTransport(
            id: settings.id,
            storage: stored.storage,
            boot: Random.uint128(),
            secrets: secrets,
            versions: ReleaseVersions.present.wire
        )
        let endpoint = configuration.node.raftAddress
        let socket = try Self.listen(on: endpoint)
        return RaftElection(settings, stored: stored, transport: transport, socket: socket, loop: loop) {
            [unowned self] in hear($0)
        }
    }

    private static func listen(on endpoint: Endpoint) throws(StartFailure) -> UDPSocket {
        do throws(Errno) {
            return try UDPSocket(boundTo: endpoint)
        } catch {
            let nextStep =
                switch error {
                case .addressInUse: "; `ss --udp --listening --processes` shows who has the port"
                case .addressNotAvailable: "; expected an address that `ip address` shows on this machine"
                default: ""
                }
            throw StartFailure("cannot listen on \(endpoint) (node.raft_addr): \(error)\(nextStep)")
        }
    }

    func hear(_ event: ScribeLink.Event) {
        switch event {
        case .persisted(let number, let syncTime):
            metering.notePersisted(number, syncTime: syncTime, at: Clock.now())
            election?.persisted(number)
        case .noted(let lost, let reason): noteWritten(lost: lost, reason)
        case .failed(let reason):
            log.write(.stateUnwritable, ["reason": LogValue(reason)])
            end(exitCode: .failure)
        }
    }
}

extension LogLevel {
    init(_ level: LoggingSettings.Level) {
        switch level {
        case .debug: self = .debug
        case .info: self = .info
        case .notice: self = .notice
        case .warn: self = .warn
        case .error: self = .error
        }
    }
}

extension LogFormat {
    init(_ format: LoggingSettings.Format) {
        switch format {
        case .json: self = .json
        case .text: self = .text
        }
    }
}
