import Control
import Observability
import Time

@testable import vip_switch_exporter

/// A node that holds `web` and `db`, with a value for everything that there is.
func report(node: String = "n1", leader: String? = "n1") -> StatusReport {
    var report = StatusReport(version: "0.1.0", node: node, role: leader == node ? "leader" : "follower", term: 7)
    report.leader = leader
    report.cluster = "c0ffee"
    report.leaseLeft = .milliseconds(180)
    report.smallestLeaseLeft = .milliseconds(150)
    report.keeperLateness = .microseconds(300)
    report.uptime = .seconds(90)
    report.standing = StatusReport.Standing(priority: 100, isEligible: true)
    report.metrics.failover.note(.milliseconds(312))
    report.lastFailover = StatusReport.Failover(
        term: 7,
        group: "web",
        from: "n2",
        to: "n1",
        time: "2026-03-01T12:00:00.000Z",
        kind: "silence",
        cause: "n2 fell silent",
        took: .milliseconds(312),
        electedAfter: .milliseconds(290)
    )
    report.groups = ["web", "db"].map { name in
        StatusReport.Group(
            name: name,
            vips: [StatusReport.VIP(address: "192.0.2.10/32", interface: "eth0")],
            holder: leader,
            isHeldHere: leader == node,
            since: "2026-03-01T12:00:00Z",
            heldFor: .seconds(60)
        )
    }
    report.peers = [
        StatusReport.Peer(
            id: "n2",
            address: "192.0.2.12:7946",
            state: "up",
            lastHeard: .milliseconds(12),
            roundTrip: .microseconds(200)
        ),
        StatusReport.Peer(id: "n3", address: "192.0.2.13:7946", state: "silent", lastHeard: .seconds(12)),
        StatusReport.Peer(id: "n4", address: "192.0.2.14:7946", state: "unknown"),
    ]
    report.peers[0].standing = StatusReport.Standing(priority: 100, lag: 2, place: 1, isEligible: true)
    report.dropped = ["wrong_key": 2]
    return report
}

func observed(_ report: StatusReport) -> Observation<StatusReport> {
    Observation(
        result: .success(report),
        at: Instant(boottime: 0, raw: 0),
        took: .milliseconds(1)
    )
}

func failed(_ reason: Problem.Reason) -> Observation<StatusReport> {
    Observation(
        result: .failure(Problem(reason: reason, text: "no agent")),
        at: Instant(boottime: 0, raw: 0),
        took: .milliseconds(1)
    )
}
