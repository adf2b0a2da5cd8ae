import Testing

@testable import Control

@Suite struct `A report of the members` {
    static var report: MembersReport {
        var report = MembersReport(node: "n1", leader: "n1", quorum: 2, isChanging: false)
        report.members = [
            .init(id: "n1", address: "192.0.2.11:7946", role: .voter, state: .up, isCaughtUp: true),
            .init(id: "n2", address: "192.0.2.12:7946", role: .voter, state: .silent, isCaughtUp: false),
            .init(id: "n3", address: "192.0.2.13:7946", role: .voter, state: .up, isCaughtUp: true),
            .init(id: "n4", address: "[2001:db8::14]:7946", role: .entrant, state: .invited, isCaughtUp: nil),
        ]
        report.members[0].word = MemberWord(
            version: "0.1.0",
            priority: 100,
            isWitness: false,
            drainedSince: "2026-03-01T12:34:56.789Z"
        )
        report.members[2].word = MemberWord(version: "0.1.0", priority: 50, isWitness: true)
        return report
    }

    @Test func `is one JSON document with stable names`() {
        let text = Self.report.json
        #expect(
            text.hasPrefix(
                #"{"node":"n1","leader":"n1","quorum":2,"changing":false,"members":[{"id":"n1","address":"192.0.2.11:7946","#
                    + #""role":"voter","state":"up","caught_up":true,"witness":false,"priority":100,"#
                    + #""drained_since":"2026-03-01T12:34:56.789Z","fault":null,"version":"0.1.0"},{"id":"n2""#
            )
        )
        #expect(
            text.hasSuffix(
                #""role":"entrant","state":"invited","caught_up":null,"witness":null,"priority":null,"drained_since":null,"#
                    + #""fault":null,"version":null}]}"#
            )
        )
    }

    @Test func `is read back as it was`() {
        #expect(MembersReport(json: Self.report.json) == Self.report)
        for json in ["", "{}", #"{"node":"n1","quorum":2}"#] { #expect(MembersReport(json: json) == nil) }
    }

    @Test func `is a table`() {
        #expect(
            Self.report.text == """
                MEMBER  ADDRESS              ROLE            PRIORITY  STATE    LOG
                n1      192.0.2.11:7946      voter, leads    100       up       caught up
                n2      192.0.2.12:7946      voter           -         silent   behind
                n3      192.0.2.13:7946      voter, witness  50        up       caught up
                n4      [2001:db8::14]:7946  entrant         -         invited  -

                n1 is drained since 2026-03-01T12:34:56.789Z
                n4 is invited and has not come; start its agent

                """
        )
    }

    /// So that whoever sees it knows whether `members add --witness` was done to its end.
    @Test func `shows what was said of a node that has not come`() {
        var report = Self.report
        report.members[3].isAppointedWitness = true
        report.members[3].appointedPriority = 7
        #expect(report.text.contains("\nn4      [2001:db8::14]:7946  entrant, witness  7         invited  -\n"))
        #expect(report.json.contains(#""caught_up":null,"witness":true,"priority":7,"drained_since":null"#))
        #expect(MembersReport(json: report.json) == report)
    }

    @Test func `says so where no leader is known`() {
        var report = Self.report
        report.leader = nil
        report.isChanging = true
        #expect(
            report.text.hasSuffix(
                "\nThe latest change is not committed yet.\n\nNo leader is known; this is what n1 has in its log.\n"
            )
        )
    }
}
