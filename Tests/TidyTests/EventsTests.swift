import Foundation
import Testing

/// The events that the source defines beside the page that explains them.
@Suite struct `The events of the log` {
    struct Definition: Hashable {
        var id: String
        var level: String
        var isKept: Bool
    }

    static func definitions() throws -> [String: Definition] {
        let pattern =
            /static let (\w+) = LogEvent\(\s*"([^"]*)",\s*\.(\w+),\s*"(?:[^"\\]|\\.)*"(?:,\s*((?:\[[^\]]*\])|(?:\.\w+)))?,?\s*\)/
        var all: [String: Definition] = [:]
        for file in `The layers of the source`.files(of: "Observability") {
            for match in try String(contentsOf: file, encoding: .utf8).matches(of: pattern) {
                let isKept = match.4?.contains(".history") ?? false
                all[String(match.1)] = Definition(id: String(match.2), level: String(match.3), isKept: isKept)
            }
        }
        return all
    }

    static func rows() throws -> [Definition] {
        let page = `The layers of the source`.sources.appending(path: "Observability/Observability.docc/Events.md")
        let text = try String(contentsOf: page, encoding: .utf8)
        return text.matches(of: /\n\| `(\w+)` \| (\w+) \| ?(H?) ?\| [^|\n]+ \| [^|\n]+ \|/).map { match in
            Definition(id: String(match.1), level: String(match.2), isKept: match.3 == "H")
        }
    }

    @Test func `stand on the page, each with its level and whether it is kept`() throws {
        let (defined, rows) = (Set(try Self.definitions().values), try Self.rows())
        #expect(defined.count > 50)
        #expect(defined.subtracting(rows) == [], "defined, and not so on the page")
        #expect(Set(rows).subtracting(defined) == [], "on the page, and not so defined")
        #expect(rows.count == Set(rows.map(\.id)).count, "on the page twice")
    }

    @Test func `have ids of their own, in small letters with underscores`() throws {
        let ids = try Self.definitions().values.map(\.id)
        #expect(ids.count == Set(ids).count)
        for id in ids { #expect(id.wholeMatch(of: /[a-z][a-z_]*[a-z]/) != nil, "\(id)") }
    }

    /// A definition that the pattern above cannot read would be missed.
    @Test func `are all read from the source`() throws {
        var found = 0
        for file in `The layers of the source`.files(of: "Observability") {
            found += try String(contentsOf: file, encoding: .utf8).matches(of: /static let \w+ = LogEvent\(/).count
        }
        #expect(try Self.definitions().count == found)
    }

    @Test func `are each written somewhere`() throws {
        let files = ["Agent", "Observability"].flatMap(`The layers of the source`.files)
        let text = try files.filter { !$0.path.contains("/Events/") }.map {
            try String(contentsOf: $0, encoding: .utf8)
        }
        .joined()
        for name in try Self.definitions().keys {
            #expect(text.firstMatch(of: try Regex("\\.\(name)\\b")) != nil, "\(name) is never written")
        }
    }
}
