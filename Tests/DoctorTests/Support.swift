import Doctor
import Net
import Testing

func prefix(_ text: String) -> Prefix {
    guard let prefix = Prefix(text) else { preconditionFailure("\(text) is no prefix") }
    return prefix
}

func hardware(_ last: UInt8) -> MACAddress {
    guard let address = MACAddress(bytes: [2, 0, 0, 0, 0, last]) else { preconditionFailure("six bytes") }
    return address
}

/// An interface as it should be: in the subnet of its VIP, managed by nobody.
func interface(_ vips: String..., change: (inout InterfaceFacts) -> Void = { _ in }) -> InterfaceFacts {
    var facts = InterfaceFacts(name: "eth0", vips: vips.map(prefix))
    facts.addresses = [.init(prefix("192.0.2.1/24")), .init(prefix("2001:db8::1/64"))]
    facts.settings.arpIgnore = 0
    facts.settings.reversePathFilter = 0
    facts.settings.filtersARP = false
    facts.settings.promotesSecondaries = true
    facts.settings.bindsNonLocal = true
    facts.settings.acceptDAD = 1
    change(&facts)
    return facts
}

/// What is found of a machine of which only this is known.
func findings(_ fill: (inout Facts) -> Void) -> [Finding] {
    var facts = Facts()
    fill(&facts)
    return facts.findings
}

func findings(of interface: InterfaceFacts, agent: AgentFacts? = nil) -> [Finding] {
    findings { facts in
        facts.interfaces = [interface]
        facts.agent = agent
    }
}

let agent = AgentFacts.running(version: "1", node: "n1", role: "follower", leader: "n2")

extension [Finding] {
    /// Those of one kind as `severity subject: why -> advice`.
    func lines(_ check: Finding.Check) -> [String] {
        filter { $0.check == check }.map { finding in
            "\(finding.severity.rawValue) " + (finding.subject.map { "\($0): " } ?? "") + finding.why
                + (finding.advice.map { " -> \($0)" } ?? "")
        }
    }

    func worst(_ check: Finding.Check) -> Finding.Severity? {
        let severities = filter { $0.check == check }.map(\.severity)
        return severities.contains(.error) ? .error : severities.contains(.warning) ? .warning : severities.first
    }
}
