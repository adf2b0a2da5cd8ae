import Observability
import Testing

@testable import Control

/// An entry of node `node`, so many seconds after the hour.
private func entry(
    _ node: String,
    _ term: UInt64,
    _ seconds: Int,
    _ event: String,
    _ facts: [(String, JSONValue)] = []
) -> HistoryEntry {
    HistoryEntry(
        time: "2026-03-01T12:00:\(seconds < 10 ? "0" : "")\(seconds).000Z",
        clock: Double(seconds * 1000),
        node: node,
        term: term,
        level: "notice",
        event: event,
        message: event.replacing("_", with: " "),
        facts: facts.map { JSONValue.Member($0.0, $0.1) }
    )
}

/// n1 led in term 6 until its link was cut; n2 took over in term 7.
private let cut: [HistoryDocument] = [
    HistoryDocument(
        node: "n2",
        entries: [
            entry("n2", 6, 0, "following", [("leader", .string("n1"))]),
            entry(
                "n2",
                6,
                10,
                "leader_lost",
                [
                    ("leader", .string("n1")), ("kind", .string("silence")), ("reason", .string("n1 fell silent")),
                    ("silent_ms", .number(262)),
                ]
            ),
            entry("n2", 7, 10, "campaigning", [("reason", .string("no leader is heard"))]),
            entry("n2", 7, 11, "leading"),
            entry(
                "n2",
                7,
                11,
                "vips_assigned",
                [
                    ("group", .string("web")), ("from", .string("n1")), ("took", .number(312)),
                    ("elected_after", .number(290)),
                ]
            ),
        ]
    ),
    HistoryDocument(
        node: "n1",
        entries: [
            entry("n1", 6, 0, "leading"), entry("n1", 6, 9, "link_lost", [("reason", .string("eth0 has no carrier"))]),
            entry("n1", 6, 10, "stepped_down", [("reason", .string("a quorum fell silent"))]),
            entry("n1", 6, 11, "vips_withdrawn", [("group", .string("web"))]),
            entry("n1", 7, 20, "following", [("leader", .string("n2"))]),
        ]
    ),
]

@Suite struct `The history of a cluster` {
    @Test func `is sorted by term, then by time, then by node`() {
        let story = HistoryStory(cut)
        #expect(
            story.entries.map { "\($0.term) \($0.node) \($0.event)" } == [
                "6 n1 leading", "6 n2 following", "6 n1 link_lost", "6 n1 stepped_down", "6 n2 leader_lost",
                "6 n1 vips_withdrawn", "7 n2 campaigning", "7 n2 leading", "7 n2 vips_assigned", "7 n1 following",
            ]
        )
    }

    @Test func `keeps the order of one node within a millisecond`() {
        let events = (0..<50).map { entry("n1", 3, 5, "event_\($0)") }
        #expect(HistoryStory([HistoryDocument(node: "n1", entries: events)]).entries == events)
    }

    @Test func `tells a failover as a chain`() {
        let chains = HistoryStory(cut).chains
        #expect(
            chains.map(\.text) == [
                "web from n1 to n2 in 312 ms: n1: eth0 has no carrier → n1 stepped down: a quorum fell silent → VIPs off n1 → "
                    + "n2 heard nothing from n1 for 262 ms → n2 campaigned in term 7 when what it had promised to n1 was over → "
                    + "elected → VIPs of web on 22 ms after"
            ]
        )
    }

    @Test func `tells it without the former holder, too`() {
        let chains = HistoryStory([cut[0], HistoryDocument(node: "n1", error: "n1 does not answer")]).chains
        #expect(chains.first?.steps.map(\.event) == ["leader_lost", "campaigning", "leading", "vips_assigned"])
    }

    @Test func `says of a killed agent that it ended without a word`() {
        var killed = cut
        killed[1].entries[1...] = [entry("n1", 6, 30, "started")]
        let step = HistoryStory(killed).chains.first?.steps.first
        #expect(
            step?.words == "the agent of n1 ended without a word (it was started again at 2026-03-01T12:00:30.000Z)"
        )
    }

    @Test func `takes no causes from an earlier or later reign`() {
        var documents = cut
        documents[1].entries.insert(entry("n1", 2, 0, "hook_failed"), at: 0)
        documents[1].entries.insert(entry("n1", 2, 0, "leading"), at: 0)
        documents[1].entries.append(entry("n1", 9, 40, "leading"))
        documents[1].entries.append(entry("n1", 9, 41, "stopping"))
        let events = HistoryStory(documents).chains.first?.steps.map(\.event) ?? []
        #expect(!events.contains("hook_failed"))
        #expect(!events.contains("stopping"))
    }

    @Test func `knows of no failover where VIPs came from nobody`() {
        let document = HistoryDocument(
            node: "n1",
            entries: [entry("n1", 1, 1, "leading"), entry("n1", 1, 2, "vips_assigned", [("group", .string("web"))])]
        )
        #expect(HistoryStory([document]).chains == [])
    }

    @Test func `is cut to a node, a time and a number`() {
        let story = HistoryStory(cut)
        #expect(story.only(since: nil, node: "n1", latest: 1000).entries.count == 5)
        #expect(story.only(since: nil, node: "n1", latest: 1000).chains == [])
        #expect(story.only(since: "2026-03-01T12:00:11", node: nil, latest: 1000).entries.count == 4)
        #expect(story.only(since: nil, node: nil, latest: 2).entries.map(\.event) == ["vips_assigned", "following"])
        #expect(story.only(since: nil, node: nil, latest: 2).chains.count == 1)
        #expect(story.only(since: nil, node: nil, latest: 0).entries == [])
    }

    @Test func `is shown with its chains and with who did not answer`() {
        let story = HistoryStory([
            HistoryDocument(node: "n1", entries: Array(cut[1].entries[1...1])),
            HistoryDocument(node: "n2", error: "n2 does not answer: it is down"),
            HistoryDocument(node: "n3", leftOut: 7),
        ])
        #expect(
            story.text(isColoured: false) == """
                TIME                      TERM  NODE  WHAT
                2026-03-01T12:00:09.000Z  6     n1    link lost: eth0 has no carrier

                n2 did not tell its history: n2 does not answer: it is down

                n3 has 7 older entries, which had no room in its answer

                """
        )
        #expect(HistoryStory([]).text(isColoured: false) == "Nothing is in the history.\n")
        #expect(HistoryStory(cut).text(isColoured: false).contains("    failover: web from n1 to n2 in 312 ms: "))
    }

    @Test func `does not let what it shows drive a terminal`() {
        let evil = entry("n1\u{1b}[31m", 1, 0, "hook_failed", [("reason", .string("a\u{9b}b"))])
        let text = HistoryStory([HistoryDocument(node: "n1", entries: [evil])]).text(isColoured: false)
        #expect(!text.unicodeScalars.contains { $0.value == 0x1b || $0.value == 0x9b })
    }

    /// What another node tells ended `history`, and the exporter.
    @Test func `leaves out a time that none can be`() {
        let loss = entry("n2", 6, 10, "leader_lost", [("kind", .string("silence")), ("silent_ms", .number(1e300))])
        let end: [(String, JSONValue)] = [
            ("group", .string("web")), ("from", .string("n1")), ("took", .number(1e300)),
            ("elected_after", .number(-.infinity)),
        ]
        let document = HistoryDocument(node: "n2", entries: [loss, entry("n2", 7, 11, "vips_assigned", end)])
        let text = HistoryStory([document]).text(isColoured: false)
        #expect(text.contains("failover: web from n1 to n2: n2 heard nothing from n1 → VIPs of web on n2\n"))
    }

    @Test func `is one JSON document`() throws {
        let value = try #require(JSONValue(parsing: HistoryStory(cut).json))
        #expect(value["entries"]?.array?.count == 10)
        let chain = try #require(value["failovers"]?.array?.first)
        #expect(chain["from"]?.string == "n1")
        #expect(chain["took_ms"]?.number == 312)
        #expect(chain["steps"]?.array?.first?["event"]?.string == "link_lost")
        #expect(
            value["nodes"]?.array?.last?.text == #"{"id":"n1","answered":true,"error":null,"entries":5,"left_out":0}"#
        )
    }
}

@Suite struct `An entry of the history` {
    @Test func `comes back from its document`() {
        for entry in cut.flatMap(\.entries) {
            #expect(HistoryEntry(entry.value) == entry)
            #expect(JSONValue(parsing: entry.value.text).flatMap(HistoryEntry.init) == entry)
        }
    }

    @Test func `has the term that its line is about`() {
        let line = LogEntry(
            time: Timestamp(nanoseconds: 0),
            level: .notice,
            event: "leading",
            message: "leading",
            fields: [("term", 7), ("group", "web")]
        )
        let entry = HistoryEntry(line, node: "n1", term: 3, clock: 1)
        #expect(entry.term == 7)
        #expect(entry.facts == [JSONValue.Member("group", .string("web"))])
    }

    @Test func `is short whatever is in it`() {
        let long = String(repeating: "\u{1}", count: 5000)
        let line = LogEntry(
            time: Timestamp(nanoseconds: 0),
            level: .error,
            event: "hook_failed",
            message: "hook failed",
            fields: (0..<16).map { ("field\($0)", .list(Array(repeating: long, count: 100))) }
        )
        let entry = HistoryEntry(line, node: "n1", term: 3, clock: 1)
        #expect(entry.value.text.utf8.count <= HistoryEntry.longest)
    }
}

@Suite struct `A node's answer with its history` {
    private static let texts = (0..<100).map { entry("n1", 1, 0, "event_\($0)").value.text }

    @Test func `is read back`() {
        let text = HistoryDocument.text(node: "n1", entries: Self.texts, upTo: 1 << 20)
        let document = HistoryDocument(json: text)
        #expect(document?.entries.count == 100)
        #expect(document?.leftOut == 0)
        #expect(HistoryDocument(json: HistoryDocument.failure(of: "n2", "silent"))?.error == "silent")
    }

    @Test func `leaves the oldest out where there is no room`() {
        let text = HistoryDocument.text(node: "n1", entries: Self.texts, upTo: 2000)
        #expect(text.utf8.count <= 2000)
        let document = HistoryDocument(json: text)
        #expect(document?.entries.last?.event == "event_99")
        #expect((document?.entries.count ?? 0) + (document?.leftOut ?? 0) == 100)
    }

    @Test func `is none where it is something else`() {
        #expect(HistoryDocument(json: "{}") == nil)
        #expect(HistoryDocument(json: #"{"node":"n1"}"#) == nil)
        #expect(HistoryDocument(json: #"{"node":"n1","entries":[1,{"time":2},null]}"#)?.entries == [])
    }
}
