import Agent
import Configuration
import Control
import Doctor
import Linux
import Net
import Preflight
import Time

extension Command {
    static let doctor = Command(
        name: "doctor",
        summary: "Looks at this machine and says what would keep a VIP from moving well, and what to do.",
        options: [
            Option(
                "--config",
                short: "-c",
                value: "FILE",
                help: "all of its groups, disk and members (default: \(AgentOptions.standardPath))"
            ),
            Option(
                "--interface",
                short: "-i",
                value: "NAME",
                help: "an interface, where there is no configuration yet"
            ),
            Option("--vip", value: "ADDRESSES", help: "VIPs for that interface: 192.0.2.10/32,2001:db8::10"),
            Option(
                "--try-address",
                value: "ADDRESS",
                preset: "203.0.113.86/32",
                help: "put a scratch address on for a moment and take it off (default: 203.0.113.86/32)"
            ),
            Option("--seconds", value: "N", help: "how long the members are asked (1 to 60, default 4)"),
            Option("--socket", short: "-s", value: "PATH", help: "the agent's status socket"),
            Option("--json", help: "print one JSON document instead"),
        ],
        needsCapabilities: true,
        run: examine
    )

    @Sendable private static func examine(_ arguments: Arguments) -> ExitCode {
        // The fork first: all that follows, from the first file on, has neither of the two capabilities.
        let privileges = PrivilegeFacts.ofThisProcess()
        let probe = PrivilegedProbe.start()
        if let code = Program.dropNetworkCapabilities() { return code }
        do throws(CommandFailure) {
            let examination = try Examination(arguments)
            let facts = examination.facts(privileges, asking: probe)
            let report = Report(facts.findings)
            let text =
                arguments.contains("--json")
                ? report.json(facts) + "\n" : report.text(isColoured: StandardStream.output.takesColour)
            return succeed(text, report.count(.error) > 0 ? .failure : .success)
        } catch {
            return fail(error.text, error.code)
        }
    }
}

extension Examination {
    fileprivate init(_ arguments: Arguments) throws(CommandFailure) {
        self.init()
        if let file = arguments["--config"] ?? Self.standardPath(arguments) {
            try self.read(AgentOptions(configurationPath: file, workingFolder: ProcessEnvironment.workingFolder))
        }
        try name(arguments["--interface"], arguments["--vip"])
        scratch = try Self.prefix(arguments["--try-address"], of: "--try-address")
        duration = try Self.seconds(arguments["--seconds"])
        askAgent(
            at: arguments["--socket"] ?? configuration?.control.statusSocket ?? ControlSettings.standard.statusSocket
        )
    }

    /// Where neither a file nor an interface is named, and the usual place has one.
    private static func standardPath(_ arguments: Arguments) -> String? {
        let path = AgentOptions.standardPath
        guard arguments["--interface"] == nil, arguments["--vip"] == nil else { return nil }
        return SmallFile.exists(path) ? path : nil
    }

    /// A configuration with mistakes is one of the findings; only without any of it nothing can be looked at.
    private mutating func read(_ options: AgentOptions) throws(CommandFailure) {
        let reading = Preflight.load(options)
        configurationPath = options.configurationPath
        diagnostics = reading.diagnostics
        origins = reading.origins
        configuration = reading.configuration
        guard let configuration else {
            let lines = diagnostics.filter { $0.severity == .error }.map(\.description)
            throw CommandFailure(text: lines.joined(separator: "\n"), code: .usage)
        }
        diagnostics += Preflight.inspect(configuration, reading.origins)
    }

    private mutating func name(_ interface: String?, _ vips: String?) throws(CommandFailure) {
        if configuration != nil {
            guard interface == nil, vips == nil else {
                throw CommandFailure(
                    text: "--config names interfaces and VIPs; leave --interface and --vip out",
                    code: .usage
                )
            }
            return
        }
        guard let interface else {
            throw CommandFailure(
                text: "nothing is to be seen at \(AgentOptions.standardPath); "
                    + "expected --config FILE, or --interface NAME with --vip ADDRESS",
                code: .usage
            )
        }
        interfaces = [interface]
        for word in vips?.split(separator: ",", omittingEmptySubsequences: false) ?? [] {
            guard let prefix = try Self.prefix(String(word), of: "--vip") else { continue }
            addresses.append(VirtualAddress(prefix: prefix, interface: interface))
        }
    }

    private static func prefix(_ text: String?, of option: String) throws(CommandFailure) -> Prefix? {
        guard let text else { return nil }
        guard let prefix = Prefix(text) else {
            throw CommandFailure(
                text: "\(option): \(quoted(text)) is no address; expected 192.0.2.10/32 or 2001:db8::10/128",
                code: .usage
            )
        }
        return prefix
    }

    private static func seconds(_ text: String?) throws(CommandFailure) -> Duration {
        guard let text else { return .seconds(4) }
        guard let seconds = Int(text), (1...60).contains(seconds) else {
            throw CommandFailure(text: "--seconds: \(quoted(text)) is no number from 1 to 60", code: .usage)
        }
        return .seconds(seconds)
    }

    private mutating func askAgent(at path: String) {
        do throws(ControlError) {
            let document = try ControlClient.ask(StatusReport.request, at: path)
            agent = StatusReport(json: document).map(RunningAgent.init)
            if agent == nil { silence = "what answers at \(path) is of another version" }
        } catch {
            silence = error.description
        }
    }
}

extension RunningAgent {
    fileprivate init(_ report: StatusReport) {
        self.init(version: report.version, node: report.node, role: report.role, leader: report.leader)
        members = report.peers.map { Member(id: $0.id, address: $0.address) }
        for group in report.groups {
            guard let holder = group.holder else { continue }
            for vip in group.vips { holders[vip.address] = Holder(id: holder, isHere: group.isHeldHere) }
        }
    }
}
