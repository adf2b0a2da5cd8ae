/// All that was seen of a machine; what was not looked at is nil or empty.
package struct Facts: Hashable, Sendable {
    package var privileges: PrivilegeFacts?
    package var configuration: ConfigurationFacts?
    package var agent: AgentFacts?
    package var interfaces: [InterfaceFacts] = []
    package var conflicts: [ConflictFacts] = []
    package var trials: [AddressTrial] = []
    package var rivals: [RivalProcess]?
    package var clock: ClockFacts?
    package var disk: DiskFacts?
    package var port: PortFacts?
    package var members: [MemberFacts] = []
    package var timing: TimingFacts?
    package var firewall: FirewallFacts?
    package var platform: PlatformFacts?
    package var limits: LimitFacts?

    package init() {}

    /// In the order in which a person would look: may it, can it, will it be left alone, is it fast enough.
    package var findings: [Finding] {
        let agentRuns = agent?.isRunning ?? false
        var findings: [Finding] = []
        findings += privileges?.findings(agentRuns: agentRuns) ?? []
        findings += configuration?.findings ?? []
        findings += agent?.findings ?? []
        findings += interfaces.flatMap { $0.findings(agentRuns: agentRuns) }
        findings += conflicts.flatMap(\.findings)
        findings += trials.flatMap(\.findings)
        findings += interfaces.flatMap(\.settingFindings)
        findings += interfaces.flatMap(\.managerFindings)
        findings += rivals.map(RivalProcess.findings) ?? []
        findings += clock?.findings ?? []
        findings += disk?.findings ?? []
        findings += port?.findings(agentRuns: agentRuns) ?? []
        findings += members.flatMap(\.findings)
        findings += timing?.findings(members, disk) ?? []
        findings += firewall?.findings(port) ?? []
        findings += platform?.findings(interfaces) ?? []
        findings += limits?.findings ?? []
        return findings
    }
}
