import Foundation
import Testing

@testable import Configuration

/// The page that lists every key, held against what the reader says and does.
@Suite struct `The reference of the configuration` {
    struct Row: Sendable, CustomTestStringConvertible {
        /// As on the page: `groups[].vips[].address`, `hooks.EVENT.timeout`.
        var key: String
        /// What the program answers to a wrong value.
        var words: String
        /// `required`, `none`, the default in backticks, or `that of` another key.
        var preset: String

        var testDescription: String { key }
        /// The key as it may stand in a file; one event is as good as another.
        var path: String { key.replacing("EVENT", with: "ToMaster") }
        /// The key of the section that it stands in; empty for the file as a whole.
        var section: String { path.split(separator: ".").dropLast().joined(separator: ".") }
    }

    static let repository = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent()

    static func text(_ path: String) -> String {
        (try? String(contentsOf: repository.appending(path: path), encoding: .utf8)) ?? ""
    }

    static let rows: [Row] = text("Sources/Configuration/Configuration.docc/Reference.md")
        .matches(of: /\n\| `([^`]+)` \| ([^|]+) \| ([^|]+) \|[^|\n]*\|/)
        .map { Row(key: String($0.1), words: String($0.2), preset: String($0.3)) }

    /// Everything in which keys can stand.
    static let sections = [
        "", "node", "cluster", "cluster.nodes[]", "cluster.timing", "vips[]", "groups[]", "groups[].vips[]",
        "groups[].hooks", "announce", "hooks", "hooks.ToMaster", "logging", "control", "exporter",
    ]

    @Test(arguments: sections) func `has the keys of each section, and no other`(section: String) throws {
        let path = section.isEmpty ? "nonsense" : "\(section).nonsense"
        let lines = Sample(for: path).with(path, "1").lines
        let line = try #require(lines.first { $0.contains(#"unknown key "nonsense""#) })
        let expected = try #require(line.split(separator: "; expected ").last)
        let keys = expected.replacing(" or ", with: ", ").split(separator: ", ").map { word in
            HookEvent(rawValue: String(word)) == nil ? String(word) : "ToMaster"
        }
        let listed = Self.rows.filter { $0.section == section }.compactMap { $0.path.split(separator: ".").last }
        #expect(Set(keys) == Set(listed.map(String.init)))
        #expect(listed.count == Set(listed).count, "a key is there twice")
    }

    @Test func `is about no section that there is not`() {
        #expect(Self.rows.count > 60)
        #expect(Set(Self.rows.map(\.section)) == Set(Self.sections))
    }

    @Test(arguments: rows) func `says what the program expects of each key`(row: Row) throws {
        // One of the two is no value of any form; what is anything's text is no list and no mapping.
        let complaints = ["§", "a/b"].flatMap { Sample(for: row.path).with(row.path, $0).lines }
            .filter { $0.contains(" \(row.path.replacing("[]", with: "[0]")) is ") }
        let complaint = try #require(complaints.first)
        let words = try #require(complaint.split(separator: "; expected ", maxSplits: 1).last)
        #expect(words.split(separator: "; did you mean ").first.map(String.init) == row.words)
    }

    @Test(arguments: rows) func `says what is so where a key is left out`(row: Row) throws {
        let sample = Sample(for: row.path)
        let without = sample.without(row.path)
        switch row.preset {
        case "required":
            let name = row.path.replacing("[]", with: "[0]")
            // A section is missed by what it must have.
            let isMissed = without.lines.contains { $0.contains(" \(name) is missing; ") || $0.contains(" \(name).") }
            #expect(isMissed, "\(without.lines)")
        case "none":
            #expect(without.configuration != nil, "\(without.lines)")
        default:
            let (other, value) = try Self.preset(row)
            let changed = other.map { sample.set($0, Self.anotherValue($0)) } ?? sample
            let written = try #require(changed.with(row.path, value).configuration)
            #expect(written == changed.without(row.path).configuration)
        }
    }

    /// The default's text, and the key that it is taken from.
    private static func preset(_ row: Row) throws -> (other: String?, value: String) {
        if let own = row.preset.wholeMatch(of: /`([^`]+)`/) { return (nil, String(own.1)) }
        let other = try #require(row.preset.wholeMatch(of: /that of `([^`]+)`/), "\(row.preset)")
        return (String(other.1), anotherValue(String(other.1)))
    }

    /// Other than the default, so that taking it over is seen.
    private static func anotherValue(_ key: String) -> String {
        ["hooks.timeout": "7s", "hooks.on_failure": "abort", "groups[].interface": "eth7"][key] ?? ""
    }

    @Test func `has no key that the example of the manual lacks`() {
        let example = Self.text("examples/node1.yaml")
        for key in Set(Self.rows.compactMap { $0.path.split(separator: ".").last }) {
            let name = key.replacing("[]", with: "")
            #expect(example.contains("\(name):") || name == "election", "\(name)")
        }
    }
}

/// A configuration in which that key may stand.
struct Sample {
    private var tree: JSON

    init(for path: String) {
        var tree: [String: JSON] = [
            "node": ["id": "node1", "raft_addr": "192.168.1.10:7946", "data_dir": "/var/lib/vip-switch"],
            "cluster": [
                "nodes": [
                    ["id": "node1", "addr": "192.168.1.10:7946"], ["id": "node2", "addr": "192.168.1.11:7946"],
                    ["id": "node3", "addr": "192.168.1.12:7946"],
                ],
                "secret_file": "/etc/vip-switch/cluster.key",
            ],
        ]
        let vip: JSON = ["address": "192.168.1.100/32", "interface": "eth0"]
        if path.hasPrefix("groups") {
            let isOfMappings = path.hasPrefix("groups[].vips[]") || path == "groups[].interface"
            tree["groups"] = [
                ["name": "web", "interface": "eth0", "vips": [isOfMappings ? vip : "192.168.1.100"]]
            ]
        } else {
            tree["vips"] = [vip]
        }
        if path.hasPrefix("hooks.ToMaster.") { tree["hooks"] = ["ToMaster": ["command": "/usr/local/bin/up"]] }
        self.tree = .mapping(tree)
        if path.hasPrefix("cluster.timing.") {
            self = set("cluster.timing.heartbeat", "50ms").set("cluster.timing.promise", "250ms")
        }
    }

    /// What the reader makes of it with that value there.
    func with(_ path: String, _ value: String) -> Reading { set(path, value).reading }

    func without(_ path: String) -> Reading {
        var copy = self
        copy.tree.set(Self.steps(path), nil)
        return copy.reading
    }

    func set(_ path: String, _ value: String) -> Sample {
        var copy = self
        let written: JSON = value == "[]" ? [] : value == "{}" ? [:] : .text(value)
        copy.tree.set(Self.steps(path), written)
        return copy
    }

    private var reading: Reading { read(tree.text + "\n") }

    private static func steps(_ path: String) -> ArraySlice<String> {
        path.replacing("[]", with: ".[]").split(separator: ".").map(String.init)[...]
    }
}

/// As much of JSON, and so of YAML, as a configuration needs.
indirect enum JSON: ExpressibleByStringLiteral, ExpressibleByArrayLiteral, ExpressibleByDictionaryLiteral {
    case text(String)
    case list([JSON])
    case mapping([String: JSON])

    init(stringLiteral text: String) { self = .text(text) }
    init(arrayLiteral items: JSON...) { self = .list(items) }
    init(dictionaryLiteral pairs: (String, JSON)...) { self = .mapping(Dictionary(pairs) { first, _ in first }) }

    var text: String {
        switch self {
        case .text(let text): "\"\(text)\""
        case .list(let items): "[\(items.map(\.text).joined(separator: ", "))]"
        case .mapping(let pairs):
            "{\(pairs.sorted { $0.key < $1.key }.map { "\"\($0.key)\": \($0.value.text)" }.joined(separator: ", "))}"
        }
    }

    /// Puts a value where the steps lead, or takes away what is there; `[]` is the first item of a list.
    mutating func set(_ steps: ArraySlice<String>, _ value: JSON?) {
        guard let step = steps.first else {
            if let value { self = value }
            return
        }
        let rest = steps.dropFirst()
        if step == "[]" {
            var items = if case .list(let items) = self { items } else { [JSON]() }
            if items.isEmpty { items = [[:]] }
            if rest.isEmpty, value == nil { items.removeFirst() } else { items[0].set(rest, value) }
            self = .list(items)
        } else {
            var pairs = if case .mapping(let pairs) = self { pairs } else { [String: JSON]() }
            if rest.isEmpty {
                pairs[step] = value
            } else {
                pairs[step, default: [:]].set(rest, value)
            }
            self = .mapping(pairs)
        }
    }
}
