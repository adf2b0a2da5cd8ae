import Foundation
import Testing

@testable import Control

/// The documents beside the pages that describe them.
@Suite struct `The pages about documents` {
    private static let pages = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent().appending(path: "Sources/Control/Control.docc")

    /// Each member of the page with the types that it may have.
    private static func described(_ name: String = "Status.md") throws -> [String: Set<String>] {
        let text = try String(contentsOf: pages.appending(path: name), encoding: .utf8)
        let rows = text.matches(of: /\n\| `([^`]+)` \| ([a-z, ]+) \|/)
        return Dictionary(rows.map { (String($0.1), Set($0.2.split(separator: ", ").map(String.init))) }) {
            $0.union($1)
        }
    }

    /// Each member of a document with its type, as `groups[].name`.
    private static func members(of value: JSONValue, at path: String = "") -> [(path: String, type: String)] {
        let own = path.isEmpty ? [] : [(path, type(of: value))]
        switch value {
        case .object(let members):
            return own
                + members.flatMap { member in
                    // The names of reasons are values, not members.
                    let name = path == "dropped" ? "REASON" : member.name
                    return Self.members(of: member.value, at: path.isEmpty ? name : "\(path).\(name)")
                }
        case .array(let values): return values.flatMap { Self.members(of: $0, at: path + "[]") }
        case .null, .boolean, .integer, .number, .string: return own
        }
    }

    private static func type(of value: JSONValue) -> String {
        switch value {
        case .null: "null"
        case .boolean: "boolean"
        case .integer: "integer"
        case .number: "number"
        case .string: "text"
        case .array: "array"
        case .object: "object"
        }
    }

    /// With something in every member.
    private static var full: ClusterReport {
        var own = `A status report`.leading
        own.groups[0].contest = "taken off 7 times"
        own.groups[0].fault = "eth0 has no carrier"
        own.standing.reasons = ["it is a witness"]
        return ClusterReport(own, others: [ClusterReport.Answer(node: "node3", error: "silent")])
    }

    private static func documented() throws -> [(path: String, type: String)] {
        let value = try #require(JSONValue(parsing: full.json))
        // What a node tells through another is described where it tells it itself.
        return members(of: value).filter {
            !$0.path.hasPrefix("nodes[].groups[]") && !$0.path.hasPrefix("nodes[].last_failover.")
        }
    }

    @Test func `names every member of the document, and no other`() throws {
        let named = Set(try Self.described().keys)
        let found = Set(try Self.documented().map(\.path))
        #expect(found.count > 80)
        #expect(found.subtracting(named) == [], "not on the page")
        #expect(named.subtracting(found).filter { $0 != "nodes[].groups" } == [], "only on the page")
    }

    @Test func `gives the types that members have`() throws {
        let described = try Self.described()
        for (path, type) in try Self.documented() {
            #expect(described[path]?.contains(type) == true, "\(path) is \(type)")
        }
    }

    /// Members that have no value are null, which the page has to say.
    @Test func `says what may be null`() throws {
        let empty = ClusterReport(StatusReport(version: "1", node: "n", role: "waiting", term: 0), others: [])
        let value = try #require(JSONValue(parsing: empty.json))
        let described = try Self.described()
        for (path, type) in Self.members(of: value) where type == "null" {
            #expect(described[path]?.contains("null") == true, "\(path) may be null")
        }
    }

    /// Facts are named where events are described.
    @Test func `name every member of the history, and no other`() throws {
        let entry = HistoryEntry(
            time: "2026-03-01T12:00:00.000Z",
            clock: 1,
            node: "n1",
            term: 7,
            level: "notice",
            event: "vips_assigned",
            message: "VIPs assigned",
            facts: [.init("from", .string("n2")), .init("group", .string("web")), .init("took", .number(312))]
        )
        let story = HistoryStory([
            HistoryDocument(node: "n1", entries: [entry]), HistoryDocument(node: "n2", error: "silent"),
        ])
        let value = try #require(JSONValue(parsing: story.json))
        let found = Self.members(of: value).filter { !$0.path.hasPrefix("entries[].facts.") }
        let described = try Self.described("History.md")
        #expect(Set(found.map(\.path)) == Set(described.keys))
        for (path, type) in found { #expect(described[path]?.contains(type) == true, "\(path) is \(type)") }
    }
}
