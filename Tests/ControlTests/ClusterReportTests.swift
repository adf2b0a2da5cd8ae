import Foundation
import Testing

@testable import Control

@Suite struct `A report of the whole cluster` {
    /// n1 leads and holds; n2 follows, with a link without carrier; n3 does not answer. n2 is asked.
    private static func reports() -> (own: StatusReport, others: [ClusterReport.Answer]) {
        var leader = StatusReport(version: "0.1.0", node: "n1", role: "leader", term: 7)
        leader.leader = "n1"
        leader.standing = StatusReport.Standing(priority: 100, isEligible: true)
        leader.groups = [
            StatusReport.Group(
                name: "web",
                vips: [],
                holder: "n1",
                isHeldHere: true,
                since: "2026-03-01T12:00:00.000Z",
                heldFor: .seconds(60)
            )
        ]
        leader.lastFailover = StatusReport.Failover(
            term: 7,
            group: "web",
            from: "n3",
            to: "n1",
            time: "2026-03-01T12:00:00.000Z",
            kind: "silence",
            cause: "n3 fell silent",
            took: .milliseconds(312),
            electedAfter: .milliseconds(290)
        )
        leader.peers = [
            StatusReport.Peer(id: "n2", address: "192.0.2.12:7946", state: "up", lastHeard: .milliseconds(12)),
            StatusReport.Peer(id: "n3", address: "192.0.2.13:7946", state: "silent", lastHeard: .milliseconds(3200)),
        ]
        leader.peers[0].standing = StatusReport.Standing(
            priority: 90,
            lag: 0,
            place: 1,
            isEligible: false,
            reasons: ["something is wrong with it"]
        )
        leader.peers[1].standing = StatusReport.Standing(
            lag: 4,
            place: 2,
            isEligible: false,
            reasons: ["it was not heard of lately"]
        )
        var own = StatusReport(version: "0.1.0", node: "n2", role: "follower", term: 7)
        own.leader = "n1"
        own.groups = [StatusReport.Group(name: "web", vips: [], holder: "n1")]
        own.standing = StatusReport.Standing(priority: 90, isEligible: false, reasons: ["web: eth0 has no carrier"])
        own.peers = [
            StatusReport.Peer(id: "n1", address: "192.0.2.11:7946", state: "up", lastHeard: .milliseconds(5)),
            StatusReport.Peer(id: "n3", address: "192.0.2.13:7946", state: "unknown"),
        ]
        let silent = ClusterReport.Answer(node: "n3", error: "n3 does not answer")
        return (own, [ClusterReport.Answer(node: "n1", report: leader), silent])
    }

    private static var whole: ClusterReport {
        let (own, others) = reports()
        return ClusterReport(own, others: others)
    }

    @Test func `takes from the holder since when it holds`() {
        let group = Self.whole.own.groups[0]
        #expect(group.holder == "n1")
        #expect(group.since == "2026-03-01T12:00:00.000Z")
        #expect(group.heldFor == .seconds(60))
        #expect(!group.isHeldHere)
    }

    @Test func `takes the last failover from whoever knows of the latest`() {
        #expect(Self.whole.own.lastFailover?.cause == "n3 fell silent")
    }

    @Test func `has each node's own reasons beside what the leader reckons`() {
        let nodes = Self.whole.nodes
        #expect(nodes.map(\.id) == ["n1", "n2", "n3"])
        #expect(nodes[1].standing.reasons == ["web: eth0 has no carrier"])
        #expect(nodes[1].standing.place == 1)
        #expect(nodes[1].standing.isEligible == false)
        #expect(nodes[2].standing.reasons == ["it was not heard of lately"])
    }

    @Test func `shows the same at any node, and for how long one is silent`() {
        #expect(
            Self.whole.text(isColoured: false) == """
                n2 is follower in term 7 in no cluster yet: n1 leads

                GROUP  VIP  INTERFACE  HOLDER  SINCE
                web                    n1      2026-03-01T12:00:00.000Z (1 min 0 s)

                NODE  ADDRESS          ROLE      TERM  STATE   HEARD        ROUND TRIP  PRIORITY  LAG  ELIGIBLE
                n1    192.0.2.11:7946  leader    7     up      5.00 ms ago  -           100       -    holds web
                n2    192.0.2.12:7946  follower  7     asked   12 ms ago    -           90        0    no
                n3    192.0.2.13:7946  -         -     silent  3.2 s ago    -           -         4    no

                n2: web: eth0 has no carrier
                n3 does not answer
                n3: it was not heard of lately

                Last failover: web went from n3 to n1 in 312 ms at 2026-03-01T12:00:00.000Z: n3 fell silent; \
                elected after 290 ms, VIPs on 22 ms later (term 7)

                """
        )
    }

    @Test func `is the asked node's document, and in it all nodes`() throws {
        let value = try #require(JSONValue(parsing: Self.whole.json))
        #expect(value["node"]?.string == "n2")
        #expect(value["groups"]?.array?.first?["since"]?.string == "2026-03-01T12:00:00.000Z")
        let nodes = try #require(value["nodes"]?.array)
        #expect(nodes.map { $0["id"]?.string } == ["n1", "n2", "n3"])
        #expect(nodes.map { $0["answered"]?.boolean } == [true, true, false])
        #expect(nodes[2]["silent_ms"]?.number == 3200)
        #expect(nodes[2]["error"]?.string == "n3 does not answer")
        #expect(nodes[0]["groups"]?.array?.first?["held_here"]?.boolean == true)
        #expect(StatusReport(json: Self.whole.json)?.node == "n2")
    }

    @Test func `says what will be missed in the morning`() {
        var (own, _) = Self.reports()
        own.metrics.lostHistory = 12
        own.metrics.droppedLines = 3
        let text = ClusterReport(own, others: []).text(isColoured: false)
        #expect(
            text.contains(
                "\nn2: entries of the history that are not on its disk: 12\nn2: log lines that were dropped: 3\n"
            )
        )
    }

    @Test func `has those of whom nobody answered, as an agent of the previous version does`() {
        let (own, _) = Self.reports()
        let report = ClusterReport(own, others: [])
        #expect(report.nodes.map(\.id) == ["n1", "n2", "n3"])
        #expect(report.nodes.map { $0.report == nil } == [true, false, true])
    }

    @Test func `uses colour where it is wanted, and only there`() {
        #expect(!Self.whole.text(isColoured: false).contains("\u{1b}"))
        let coloured = Self.whole.text(isColoured: true)
        #expect(coloured.contains("\u{1b}["))
        #expect(coloured.replacing(/\u{1b}\[[0-9]+m/, with: "") == Self.whole.text(isColoured: false))
    }

    @Test func `reads a line that is a report, or why there is none`() {
        let (own, _) = Self.reports()
        #expect(ClusterReport.Answer(json: own.json)?.report == own)
        #expect(ClusterReport.Answer(json: #"{"node":"n3","error":"silent"}"#)?.error == "silent")
        #expect(ClusterReport.Answer(json: #"{"error":"unknown request"}"#) == nil)
        #expect(ClusterReport.Answer(json: "garbage") == nil)
    }
}

@Suite struct `A moment that somebody types` {
    /// 2026-03-01T12:00:00Z
    private static let now: Int64 = 1_772_366_400_000_000_000

    @Test(arguments: [
        ("90s", "2026-03-01T11:58:30.000Z"), ("10m", "2026-03-01T11:50:00.000Z"), ("2h", "2026-03-01T10:00:00.000Z"),
        ("1d", "2026-02-28T12:00:00.000Z"), ("2026-03-01", "2026-03-01"), ("2026-03-01T11", "2026-03-01T11"),
        ("2026-03-01T11:59:30.123Z", "2026-03-01T11:59:30.123"),
    ]) func `is a span before now or the beginning of a time`(words: String, text: String) {
        #expect(HistoryMoment(words, now: Self.now)?.text == text)
    }

    @Test(arguments: [
        "", "m", "10", "-5m", "1.5h", "10 m", "yesterday", "2026-3-1", "2026-03-01 12:00", "2026-03-01T1", "12:00",
        "999999999999d", "99999999d",
    ]) func `is refused where it is neither`(words: String) {
        #expect(HistoryMoment(words, now: Self.now) == nil)
    }
}
