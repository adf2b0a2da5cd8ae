import Foundation
import Testing

@testable import vip_switch_exporter

@Suite struct `The metrics` {
    private var full: String { MetricsDocument.text(observed(report()), Figures(), [200: 3, 404: 1]) }

    /// The names behind `# TYPE` in a document.
    private func families(_ text: String) -> [String] {
        text.split(separator: "\n").filter { $0.hasPrefix("# TYPE ") }.map { String($0.split(separator: " ")[2]) }
    }

    @Test func `are all in the list, and all of the list are there`() {
        #expect(families(full).sorted() == MetricFamily.all.map(\.name).sorted())
    }

    @Test(arguments: MetricFamily.all) func `are named by the conventions`(family: MetricFamily) {
        #expect(family.name.wholeMatch(of: /vip_switch(_[a-z0-9]+)+/) != nil)
        #expect((family.kind == .counter) == family.name.hasSuffix("_total"))
        #expect(!family.name.hasSuffix("_ms") && !family.name.contains("milliseconds"))
        #expect(family.help.hasSuffix(".") && !family.help.contains("\n"))
        #expect(family.labels.allSatisfy { $0.wholeMatch(of: /[a-z][a-z_]*/) != nil && $0 != "le" })
        #expect(MetricFamily.all.count { $0.name == family.name } == 1)
    }

    @Test func `say only of themselves where the agent does not answer`() {
        let text = MetricsDocument.text(failed(.silent), Figures(), [:])
        #expect(text.contains("\nvip_switch_up 0\n"))
        let left = Set(families(text)).subtracting(MetricFamily.ofExporter.map(\.name))
        #expect(left.isEmpty)
    }

    @Test func `say what the status says`() {
        for line in [
            "vip_switch_up 1", #"vip_switch_node_info{node="n1",cluster_id="c0ffee"} 1"#, "vip_switch_is_leader 1",
            "vip_switch_has_leader 1", #"vip_switch_role{role="leader"} 1"#, #"vip_switch_role{role="follower"} 0"#,
            "vip_switch_raft_term 7", "vip_switch_lease_remaining_seconds 0.18",
            #"vip_switch_group_held{group="db"} 1"#,
            #"vip_switch_peer_up{peer="n2"} 1"#, #"vip_switch_peer_up{peer="n3"} 0"#,
            #"vip_switch_datagrams_refused_total{reason="wrong_key"} 2"#,
            #"vip_switch_failover_duration_seconds_bucket{le="0.4"} 1"#,
            #"vip_switch_exporter_http_requests_total{code="404"} 1"#,
        ] { #expect(full.contains("\n\(line)\n"), "\(line)") }
        // Followers do not talk to each other: nothing is known of n4, and nothing is said.
        #expect(!full.contains(#"vip_switch_peer_up{peer="n4"}"#))
    }

    @Test func `know no leader where there is none`() {
        let text = MetricsDocument.text(observed(report(leader: nil)), Figures(), [:])
        #expect(text.contains("\nvip_switch_is_leader 0\n"))
        #expect(text.contains("\nvip_switch_has_leader 0\n"))
        #expect(text.contains(#"vip_switch_group_held{group="web"} 0"#))
        #expect(!text.contains("vip_switch_group_holder_info{"))
    }

    @Test func `are in the table of the page, each with its help`() throws {
        let page = try repositoryFile("Sources/vip-switch-exporter/Exporter.docc/Monitoring.md")
        let rows = page.split(separator: "\n").filter { $0.hasPrefix("| `vip_switch_") }.map(String.init)
        #expect(rows == MetricFamily.all.map(\.row))
    }

    @Test(arguments: ["examples/prometheus-alerts.yml", "examples/grafana-dashboard.json"])
    func `are the only ones that the examples use`(path: String) throws {
        let text = try repositoryFile(path)
        let used = Set(text.matches(of: /vip_switch_[a-z0-9_]+/).map { String($0.output) })
        #expect(!used.isEmpty)
        let suffixes = ["", "_bucket", "_sum", "_count"]
        let known = MetricFamily.all.flatMap { family in
            (family.kind == .histogram ? suffixes : [""]).map { family.name + $0 }
        }
        #expect(used.subtracting(known) == [])
    }

    @Test func `make a dashboard that is JSON`() throws {
        let data = Data(try repositoryFile("examples/grafana-dashboard.json").utf8)
        let dashboard = try #require(try JSONSerialization.jsonObject(with: data) as? [String: Any])
        let panels = try #require(dashboard["panels"] as? [[String: Any]])
        let ids = panels.compactMap { $0["id"] as? Int }
        #expect(Set(ids).count == panels.count)
    }
}

/// Prometheus's own judge, where it is installed.
@Suite(.enabled(if: Promtool.isInstalled, "needs promtool")) struct `Prometheus` {
    @Test func `finds nothing to say of the metrics`() throws {
        let text = MetricsDocument.text(observed(report()), Figures(), [200: 3])
        let verdict = try Promtool.run(["check", "metrics"], input: text)
        #expect(verdict.code == 0 && verdict.text == "", "\(verdict.text)")
        let down = try Promtool.run(["check", "metrics"], input: MetricsDocument.text(failed(.absent), Figures(), [:]))
        #expect(down.code == 0 && down.text == "", "\(down.text)")
    }

    @Test func `would have found something`() throws {
        #expect(try Promtool.run(["check", "metrics"], input: "# TYPE x_total gauge\nx_total 1\n").code != 0)
    }

    @Test(arguments: [
        ["check", "rules", "examples/prometheus-alerts.yml"], ["check", "config", "examples/prometheus.yml"],
    ])
    func `takes the examples`(words: [String]) throws {
        let verdict = try Promtool.run(words, input: "")
        #expect(verdict.code == 0, "\(verdict.text)")
    }

    @Test func `alerts when it should, and not before`() throws {
        let folder = TemporaryFolder()
        let rules = repository.appending(path: "examples/prometheus-alerts.yml").path
        try "rule_files: [\(rules)]\n\(Self.scenes)"
            .write(toFile: folder.file("scenes.yml"), atomically: false, encoding: .utf8)
        let verdict = try Promtool.run(["test", "rules", folder.file("scenes.yml")], input: "")
        #expect(verdict.code == 0, "\(verdict.text)")
    }

    /// A failover between two scrapes; nobody; two; all agents gone; a slow failover.
    private static let scenes = #"""
        evaluation_interval: 5s
        tests:
          - interval: 5s
            input_series:
              - {series: 'vip_switch_group_held{cluster="a",job="vip-switch",group="web",instance="n1"}', values: '1 1 0x60'}
              - {series: 'vip_switch_group_held{cluster="a",job="vip-switch",group="web",instance="n2"}', values: '0 1 1x60'}
              - {series: 'vip_switch_up{cluster="a",job="vip-switch",instance="n1"}', values: '1x62'}
            alert_rule_test:
              - {eval_time: 10s, alertname: VipSwitchHeldTwice, exp_alerts: []}
              - {eval_time: 1m, alertname: VipSwitchHeldTwice, exp_alerts: []}
              - {eval_time: 1m, alertname: VipSwitchNobodyHolds, exp_alerts: []}
              - {eval_time: 1m, alertname: VipSwitchAllDown, exp_alerts: []}
          - interval: 5s
            input_series:
              - {series: 'vip_switch_group_held{cluster="a",job="vip-switch",group="web",instance="n1"}', values: '1 0x60'}
              - {series: 'vip_switch_group_held{cluster="a",job="vip-switch",group="web",instance="n2"}', values: '0x61'}
              - {series: 'vip_switch_group_held{cluster="b",job="vip-switch",group="web",instance="n3"}', values: '1x61'}
              - {series: 'vip_switch_group_held{cluster="b",job="vip-switch",group="web",instance="n4"}', values: '1x61'}
              - {series: 'vip_switch_up{cluster="c",job="vip-switch",instance="n5"}', values: '0x61'}
            alert_rule_test:
              - eval_time: 1m
                alertname: VipSwitchNobodyHolds
                exp_alerts:
                  - exp_labels: {severity: critical, cluster: a, job: vip-switch, group: web}
                    exp_annotations:
                      summary: Nobody holds group web
                      description: "Its VIPs answer nobody. On any node: vip-switch status. See `When no leader comes` in Operating.md."
              - eval_time: 1m
                alertname: VipSwitchHeldTwice
                exp_alerts:
                  - exp_labels: {severity: critical, cluster: b, job: vip-switch, group: web}
                    exp_annotations:
                      summary: Group web is held by 2 nodes
                      description: "Two clusters with the same VIPs, or scrapes that are far apart in time. Compare cluster_id in the status of the nodes."
              - eval_time: 1m
                alertname: VipSwitchAllDown
                exp_alerts:
                  - exp_labels: {severity: critical, cluster: c, job: vip-switch}
                    exp_annotations:
                      summary: No agent of c answers
                      description: Then nobody tells of groups either, and the rules above are silent.
          - interval: 5s
            input_series:
              - {series: 'vip_switch_failover_duration_seconds_bucket{job="vip-switch",instance="n1",le="1"}', values: '4x60'}
              - {series: 'vip_switch_failover_duration_seconds_count{job="vip-switch",instance="n1"}', values: '4x20 5x40'}
              - {series: 'vip_switch_failover_duration_seconds_bucket{job="vip-switch",instance="n2",le="1"}', values: '4x20 5x40'}
              - {series: 'vip_switch_failover_duration_seconds_count{job="vip-switch",instance="n2"}', values: '4x20 5x40'}
            alert_rule_test:
              - eval_time: 3m
                alertname: VipSwitchFailoverSlow
                exp_alerts:
                  - exp_labels: {severity: warning, job: vip-switch, instance: n1}
                    exp_annotations:
                      summary: A failover to n1 took more than a second
                      description: vip-switch history has each step of it with its time.

        """#

    @Test func `understands what the dashboard asks`() throws {
        let data = Data(try repositoryFile("examples/grafana-dashboard.json").utf8)
        let dashboard = try JSONSerialization.jsonObject(with: data) as? [String: Any]
        let panels = try #require(dashboard?["panels"] as? [[String: Any]])
        let queries = panels.flatMap { $0["targets"] as? [[String: Any]] ?? [] }.compactMap { $0["expr"] as? String }
        #expect(queries.count >= panels.count)
        let rules = queries.enumerated().map { index, query in
            let plain = query.replacing("$job", with: ".*").replacing("$__rate_interval", with: "1m")
            return "  - {record: q\(index), expr: '\(plain.replacing("'", with: "''"))'}\n"
        }
        let folder = TemporaryFolder()
        try "groups:\n- name: dashboard\n  rules:\n\(rules.joined())"
            .write(toFile: folder.file("rules.yml"), atomically: false, encoding: .utf8)
        let verdict = try Promtool.run(["check", "rules", folder.file("rules.yml")], input: "")
        #expect(verdict.code == 0, "\(verdict.text)")
    }
}

enum Promtool {
    static let path = "/usr/bin/promtool"
    static var isInstalled: Bool { FileManager.default.isExecutableFile(atPath: path) }

    static func run(_ words: [String], input: String) throws -> (code: Int32, text: String) {
        let process = Process()
        let (entry, exit) = (Pipe(), Pipe())
        process.executableURL = URL(filePath: path)
        process.currentDirectoryURL = repository
        process.arguments = words
        process.standardInput = entry
        process.standardOutput = exit
        process.standardError = exit
        try process.run()
        // A document of some kilobytes fits into the pipe.
        entry.fileHandleForWriting.write(Data(input.utf8))
        try entry.fileHandleForWriting.close()
        let text = String(decoding: exit.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
        process.waitUntilExit()
        return (process.terminationStatus, text)
    }
}

extension MetricFamily {
    /// As the page has it.
    fileprivate var row: String {
        "| `\(name)` | \(kind.rawValue) | \(labels.map { "`\($0)`" }.joined(separator: " ")) | \(help) |"
            .replacing("|  |", with: "| |")
    }
}
