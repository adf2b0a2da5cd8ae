import Observability
import Testing

@testable import Control

@Suite struct `A histogram` {
    @Test func `counts each time in its bucket and in all wider ones`() {
        var histogram = Histogram([.milliseconds(10), .milliseconds(100), .seconds(1)])
        for milliseconds in [1, 10, 11, 100, 999, 5000] { histogram.note(.milliseconds(milliseconds)) }
        #expect(histogram.cumulative == [2, 4, 5])
        #expect(histogram.count == 6)
        #expect(histogram.sum == .milliseconds(6121))
    }

    @Test func `comes back from what it tells`() {
        var histogram = Histogram([.milliseconds(10), .milliseconds(100)])
        for milliseconds in [5, 50, 50, 500] { histogram.note(.milliseconds(milliseconds)) }
        let told = Histogram(
            bounds: histogram.bounds,
            cumulative: histogram.cumulative,
            sum: histogram.sum,
            count: histogram.count
        )
        #expect(told == histogram)
    }

    @Test(arguments: [([3, 2], 4), ([1, 2], 1), ([1], 2), ([1, 2, 3], 4)] as [([UInt64], UInt64)])
    func `refuses counts that are none`(cumulative: [UInt64], count: UInt64) {
        let bounds: [Duration] = [.milliseconds(10), .milliseconds(100)]
        #expect(Histogram(bounds: bounds, cumulative: cumulative, sum: .zero, count: count) == nil)
    }
}

@Suite struct `The metrics of a status report` {
    @Test func `stand in it in seconds, cumulative as Prometheus has them`() throws {
        var report = StatusReport(version: "0.1.0", node: "node1", role: "leader", term: 7)
        report.metrics.failover.note(.milliseconds(312))
        report.metrics.failover.note(.milliseconds(8))
        let value = try #require(JSONValue(parsing: report.json))
        let failover = try #require(value["metrics"]?["failover_seconds"])
        #expect(failover["buckets"]?.array?.first?.text == #"{"le":0.005,"count":0}"#)
        #expect(failover["buckets"]?.array?[1].text == #"{"le":0.01,"count":1}"#)
        #expect(failover["buckets"]?.array?.last?.text == #"{"le":10.0,"count":2}"#)
        #expect(failover["sum"]?.number == 0.32)
        #expect(failover["count"]?.integer == 2)
    }

    @Test func `come back as they were`() {
        var report = StatusReport(version: "0.1.0", node: "node1", role: "leader", term: 7)
        for microseconds in [70, 240, 3100] {
            report.metrics.fsync.note(.microseconds(microseconds))
            report.metrics.roundTrip.note(.microseconds(microseconds))
        }
        report.metrics.hook.note(.seconds(400))
        report.metrics.droppedLines = 3
        report.metrics.lostHistory = 4
        report.metrics.leaderships = 5
        #expect(StatusReport(json: report.json)?.metrics == report.metrics)
    }

    @Test func `are none where another agent sends what is none`() {
        let report = StatusReport(
            json:
                #"{"version":"1","node":"n","role":"leader","term":1,"metrics":{"hook_seconds":{"buckets":[{"le":"x"}]}}}"#
        )
        #expect(report?.metrics == StatusReport.Metrics())
    }
}
