import Doctor
import Net
import Testing

private func conflict(_ outcome: ConflictFacts.Outcome, change: (inout ConflictFacts) -> Void = { _ in }) -> [Finding] {
    var facts = ConflictFacts(vip: prefix("192.0.2.10/32").address, interface: "eth0", outcome: outcome)
    change(&facts)
    return findings { $0.conflicts = [facts] }.filter { $0.check == .conflict }
}

@Suite struct `A probe for the VIP` {
    @Test func `finds nobody`() {
        #expect(conflict(.silence).lines(.conflict) == ["ok 192.0.2.10: nobody on eth0 answers for it"])
    }

    @Test func `finds a stranger`() {
        #expect(
            conflict(.answer(hardware(9))).lines(.conflict) == [
                "error 192.0.2.10: another machine has it: 02:00:00:00:00:09 answers on eth0"
                    + " -> find that machine by its hardware address and take the address off it, or choose another VIP"
            ]
        )
    }

    @Test func `finds the cluster's own holder`() {
        let found = conflict(.answer(hardware(2))) {
            $0.holder = "n2"
            $0.hardwareOfHolder = hardware(2)
        }
        #expect(found.map(\.severity) == [.ok])
        #expect(found[0].why == "02:00:00:00:00:02 answers for it: n2 of this cluster holds it")
    }

    @Test func `finds somebody beside the holder`() {
        let found = conflict(.answer(hardware(9))) {
            $0.holder = "n2"
            $0.hardwareOfHolder = hardware(2)
        }
        #expect(found.map(\.severity) == [.error])
    }

    @Test func `knows a member by its hardware address where no agent can be asked`() {
        let found = conflict(.answer(hardware(2))) { $0.owner = "n2" }
        #expect(found.map(\.severity) == [.ok])
        #expect(found[0].why.hasSuffix("that is n2 of this cluster"))
    }

    @Test func `misses the answer of a holder that should give one`() {
        let found = conflict(.silence) { $0.holder = "n2" }
        #expect(found.map(\.severity) == [.warning])
    }

    @Test func `is not sent where this node holds it, or may not ask`() {
        #expect(conflict(.heldHere).map(\.severity) == [.ok])
        #expect(conflict(.notAsked("that takes CAP_NET_RAW")).map(\.severity) == [.warning])
    }
}

@Suite struct `A scratch address` {
    @Test(arguments: [
        (AddressTrial.Outcome.passed, Finding.Severity.ok), (.notSeen, .error), (.failed("no"), .error),
        (.notTried("it is on this machine already"), .warning),
    ]) func `is judged by what became of it`(outcome: AddressTrial.Outcome, severity: Finding.Severity) {
        let found = findings { $0.trials = [AddressTrial(prefix("203.0.113.86/32"), on: "eth0", outcome)] }
        #expect(found.worst(.tryAddress) == severity)
    }
}
