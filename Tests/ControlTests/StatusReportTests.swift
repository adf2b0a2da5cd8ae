import Foundation
import Observability
import Testing

@testable import Control

@Suite struct `A status report` {
    static var leading: StatusReport {
        var report = StatusReport(version: "0.1.0", node: "node1", role: "leader", term: 7)
        report.leader = "node1"
        report.cluster = "3f2a"
        report.leaseLeft = .milliseconds(189)
        report.smallestLeaseLeft = .milliseconds(142)
        report.keeperLateness = .microseconds(350)
        report.groups = [
            StatusReport.Group(
                name: "default",
                vips: [
                    StatusReport.VIP(address: "192.168.1.100/32", interface: "eth0"),
                    StatusReport.VIP(address: "2001:db8::100/128", interface: "eth1"),
                ],
                holder: "node1",
                isHeldHere: true,
                since: "2026-03-01T12:34:56.789Z",
                heldFor: .seconds(192)
            )
        ]
        report.groups[0].announcements.requests = 6
        report.groups[0].announcements.replies = 6
        report.groups[0].announcements.advertisements = 6
        report.groups[0].announcements.failures = 1
        report.groups[0].announcements.conflicts = 3
        report.groups[0].announcements.defences = 2
        report.groups[0].announcements.duplicates = 1
        report.groups[0].announcements.rival = StatusReport.Rival(
            address: "192.168.1.100",
            hardware: "02:00:00:00:00:99",
            claims: 3,
            lastClaim: .milliseconds(4100)
        )
        report.peers = [
            StatusReport.Peer(
                id: "node2",
                address: "192.168.1.11:7946",
                state: "up",
                lastHeard: .milliseconds(12),
                roundTrip: .microseconds(420)
            ),
            StatusReport.Peer(id: "node3", address: "192.168.1.12:7946", state: "silent"),
        ]
        report.dropped = ["replayed": 3, "bad_key": 12]
        report.uptime = .seconds(3600)
        report.standing = StatusReport.Standing(priority: 100, isEligible: true)
        report.peers[0].standing = StatusReport.Standing(priority: 90, lag: 0, place: 1, isEligible: true)
        report.peers[1].standing = StatusReport.Standing(
            lag: 4,
            place: 2,
            isEligible: false,
            reasons: ["it was not heard of lately"]
        )
        report.lastFailover = StatusReport.Failover(
            term: 7,
            group: "default",
            from: "node3",
            to: "node1",
            time: "2026-03-01T12:34:56.789Z",
            kind: "silence",
            cause: "node3 fell silent",
            took: .milliseconds(312),
            electedAfter: .microseconds(216_100)
        )
        report.metrics.failover.note(.milliseconds(312))
        report.metrics.leaderships = 2
        return report
    }

    @Test func `is one JSON document with stable names`() {
        let document = Self.leading.json
        // The histograms are tested by themselves.
        let end = document.range(of: #""metrics":"#)?.lowerBound ?? document.endIndex
        #expect(
            document[..<end] == """
                {"version":"0.1.0","node":"node1","role":"leader","term":7,"leader":"node1","cluster_id":"3f2a",\
                "drained_since":null,"removed_according_to":null,\
                "lease_left_ms":189.0,"lease":{"smallest_left_ms":142.0},"keeper":{"largest_lateness_ms":0.35},\
                "groups":[{"name":"default","vips":[\
                {"address":"192.168.1.100/32","interface":"eth0"},{"address":"2001:db8::100/128","interface":"eth1"}],\
                "holder":"node1","held_here":true,"since":"2026-03-01T12:34:56.789Z","held_for_ms":192000.0,\
                "announcements":{"arp_requests":6,"arp_replies":6,"advertisements":6,"failed":1,"conflicts":3,\
                "defences":2,"dad_failed":1,"rival":{"vip":"192.168.1.100","hardware":"02:00:00:00:00:99","claims":3,\
                "last_claim_ms":4100.0}},"contest":null,"fault":null}],\
                "peers":[{"id":"node2","address":"192.168.1.11:7946","state":"up","last_heard_ms":12.0,\
                "round_trip_ms":0.42,"priority":90,"lag":0,"place":1,"eligible":true,"reasons":[],\
                "newest_version":null,"foreign_version":null,"key":null},\
                {"id":"node3","address":"192.168.1.12:7946","state":"silent",\
                "last_heard_ms":null,"round_trip_ms":null,"priority":null,"lag":4,"place":2,"eligible":false,\
                "reasons":["it was not heard of lately"],\
                "newest_version":null,"foreign_version":null,"key":null}],"dropped":{"bad_key":12,"replayed":3},"uptime_ms":3600000.0,\
                "priority":100,"eligible":true,"reasons":[],"last_failover":{"term":7,"group":"default","from":"node3",\
                "to":"node1","time":"2026-03-01T12:34:56.789Z","kind":"silence","cause":"node3 fell silent",\
                "took_ms":312.0,"elected_after_ms":216.1},\

                """
        )
    }

    @Test func `is read back as it was`() {
        #expect(StatusReport(json: Self.leading.json) == Self.leading)
        let waiting = StatusReport(version: "0.1.0", node: "node1", role: "waiting", term: 0)
        #expect(StatusReport(json: waiting.json) == waiting)
        #expect(StatusReport(json: "{}") == nil)
    }

    private static func text(_ report: StatusReport) -> String {
        ClusterReport(report, others: []).text(isColoured: false)
    }

    @Test func `shows a leader, what it holds and what it reckons with`() {
        #expect(
            Self.text(Self.leading) == """
                node1 is leader in term 7 of cluster 3f2a: it leads, 189 ms of its lease left

                GROUP    VIP                INTERFACE  HOLDER        SINCE
                default  192.168.1.100/32   eth0       node1 (here)  2026-03-01T12:34:56.789Z (3 min 12 s)
                         2001:db8::100/128  eth1

                NODE   ADDRESS            ROLE    TERM  STATE   HEARD      ROUND TRIP  PRIORITY  LAG  ELIGIBLE
                node1  -                  leader  7     asked   -          -           100       -    holds default
                node2  192.168.1.11:7946  -       -     up      12 ms ago  0.42 ms     90        0    next
                node3  192.168.1.12:7946  -       -     silent  -          -           -         4    no

                node3: it was not heard of lately

                Last failover: default went from node3 to node1 in 312 ms at 2026-03-01T12:34:56.789Z: node3 fell silent; \
                elected after 216 ms, VIPs on 95 ms later (term 7)

                node1 announced default: 6 ARP requests, 6 ARP replies, 6 neighbour advertisements

                Announcements of default: 02:00:00:00:00:99 claimed 192.168.1.100 4.1 s ago; claims of other machines: 3, \
                defended: 2; duplicate detection failed: 1; frames that could not be sent: 1

                Datagrams refused: bad_key 12, replayed 3

                """
        )
    }

    @Test func `shows what is wrong with a group`() {
        var report = StatusReport(version: "0.1.0", node: "node1", role: "leader", term: 7)
        report.groups = [StatusReport.Group(name: "web", vips: [])]
        report.groups[0].fault = "eth0 has no carrier"
        report.groups[0].contest = "192.0.2.10/32 was taken off 7 times, last by port 4711 (networkd)"
        let lines = Self.text(report).split(separator: "\n")
        #expect(lines.contains("Group web is better held elsewhere than on node1: eth0 has no carrier"))
        #expect(
            lines.contains(
                "Group web is fought over on node1: 192.0.2.10/32 was taken off 7 times, last by port 4711 (networkd)"
            )
        )
        #expect(StatusReport(json: report.json) == report)
    }

    @Test func `shows a node that waits for a cluster`() {
        var report = StatusReport(version: "0.1.0", node: "node1", role: "waiting", term: 0)
        report.groups = [StatusReport.Group(name: "default", vips: [])]
        #expect(
            Self.text(report) == """
                node1 is waiting in term 0 in no cluster yet: no leader is known

                GROUP    VIP  INTERFACE  HOLDER  SINCE
                default                  nobody  -

                NODE   ADDRESS  ROLE     TERM  STATE  HEARD  ROUND TRIP  PRIORITY  LAG  ELIGIBLE
                node1  -        waiting  0     asked  -      -           -         -    -

                """
        )
    }

    @Test func `does not let what it shows drive a terminal`() {
        let report = StatusReport(version: "0.1.0", node: "a\u{1b}[31m\u{9b}b", role: "leader", term: 1)
        let text = Self.text(report)
        #expect(text.hasPrefix("a?[31m?b is leader in term 1 in no cluster yet: no leader is known\n"))
        #expect(!text.unicodeScalars.contains { $0.value == 0x1b || $0.value == 0x9b })
    }

    @Test(arguments: [
        (420, "0.42 ms"), (9999, "9.99 ms"), (187_000, "187 ms"), (12_345_000, "12.3 s"), (192_000_000, "3 min 12 s"),
        (3_600_000_000, "1 h 0 min"), (90_061_000_000, "1 d 1 h"), (0, "0.00 ms"), (-5, "0.00 ms"),
    ]) func `shows durations in the units of their size`(microseconds: Int, text: String) {
        #expect(readable(.microseconds(microseconds)) == text)
    }
}
