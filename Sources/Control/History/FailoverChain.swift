import Time

/// How VIPs came from one node to another: what happened to the former holder, who missed it, who was elected.
package struct FailoverChain: Hashable, Sendable {
    package struct Step: Hashable, Sendable {
        package var node: String
        package var time: String
        package var event: String
        package var words: String
    }

    package var term: UInt64
    package var group: String
    package var from: String
    package var to: String
    /// When the VIPs were on and announced at the new holder.
    package var time: String
    /// From the former leader's last word until then.
    package var took: Double?
    package var steps: [Step]

    func ends(with entry: HistoryEntry) -> Bool {
        entry.event == Event.assigned && entry.node == to && entry.term == term && entry.time == time
            && entry.fact("group") == group
    }

    /// Of the causes on the former holder's side.
    private static let mostCauses = 8

    private enum Event {
        static let assigned = "vips_assigned"
        static let beginnings: Set = ["leading", "following", "started", "joined"]
        static let causes: Set = [
            "stopping", "command_done", "drained", "hook_failed", "hook_awaited", "giving_up", "link_lost",
            "handing_over", "stepped_down", "before_slave_late", "before_slave_cut_short", "reloaded",
            "vips_withdrawn", "vips_expired", "vips_not_assigned", "keeper_lost", "keeper_lost_fenced",
            "keeper_lost_vips_stay", "state_unwritable", "runner_lost", "guarantee_broken", "stopped_by_fault",
        ]
    }

    static func all(in documents: [HistoryDocument]) -> [FailoverChain] {
        documents.flatMap { document in
            document.entries.indices.compactMap { FailoverChain(endingAt: $0, of: document, documents) }
        }.sorted { ($0.term, $0.time, $0.group) < ($1.term, $1.time, $1.group) }
    }

    private init?(endingAt index: Int, of document: HistoryDocument, _ documents: [HistoryDocument]) {
        let end = document.entries[index]
        guard end.event == Event.assigned, let from = end.fact("from") else { return nil }
        let own = Self.ownSteps(before: index, in: document.entries)
        term = end.term
        group = end.fact("group") ?? ""
        self.from = from
        to = end.node
        time = end.time
        took = end.number("took")
        let lost = own.first { $0.event == "leader_lost" }?.term
        let other = from == end.node ? nil : documents.first { $0.node == from }
        steps = Self.causes(in: other, of: from, term: lost ?? end.term - min(1, end.term)) + own.map { Step($0, from) }
        steps.append(Step(node: to, time: time, event: end.event, words: Self.words(ofEnd: end)))
    }

    /// From the loss of the former leader to the election.
    private static func ownSteps(before index: Int, in entries: [HistoryEntry]) -> [HistoryEntry] {
        let term = entries[index].term
        var found: [HistoryEntry] = []
        for entry in entries[..<index].reversed() {
            switch entry.event {
            case "leading" where entry.term == term, "campaigning" where entry.term == term: found.append(entry)
            case "leader_lost", "stepped_down": return [entry] + found.reversed()
            case "started", "following": return found.reversed()
            default: continue
            }
        }
        return found.reversed()
    }

    /// What the former holder tells of the end of its leadership.
    private static func causes(in document: HistoryDocument?, of node: String, term: UInt64) -> [Step] {
        guard let document else { return [] }
        guard let begin = document.entries.lastIndex(where: { $0.event == "leading" && $0.term == term }) else {
            return []
        }
        let later = document.entries[(begin + 1)...]
        let end = later.firstIndex { Event.beginnings.contains($0.event) } ?? later.endIndex
        let reign = later[..<end]
        let ends = reign.filter { Event.causes.contains($0.event) }.suffix(mostCauses)
        let causes = stopFirst(ends).map { Step($0, node) }
        // Nothing was written down, and then it began anew.
        if end < later.endIndex, later[end].event == "started", !reign.contains(where: { $0.event == "stopping" }) {
            let words = "the agent of \(node) ended without a word (it was started again at \(later[end].time))"
            return causes + [Step(node: node, time: later[end].time, event: "started", words: words)]
        }
        return causes
    }

    /// A node that is told to stop hands over before it takes the time for a line about it.
    private static func stopFirst(_ entries: ArraySlice<HistoryEntry>) -> [HistoryEntry] {
        guard let stop = entries.firstIndex(where: { $0.event == "stopping" }),
            let handover = entries[..<stop].lastIndex(where: { $0.event == "handing_over" })
        else { return Array(entries) }
        return entries[..<handover] + [entries[stop]] + entries[handover..<stop] + entries[(stop + 1)...]
    }

    private static func words(ofEnd entry: HistoryEntry) -> String {
        let group = entry.fact("group").map { "VIPs of \($0)" } ?? "VIPs"
        guard let took = entry.duration("took"), let elected = entry.duration("elected_after") else {
            return "\(group) on \(entry.node)"
        }
        return "\(group) on \(readable(took - elected)) after"
    }
}

extension FailoverChain.Step {
    fileprivate init(_ entry: HistoryEntry, _ formerLeader: String) {
        self.init(
            node: entry.node,
            time: entry.time,
            event: entry.event,
            words: Self.words(for: entry, formerLeader)
        )
    }

    private static func words(for entry: HistoryEntry, _ formerLeader: String) -> String {
        let node = entry.node
        let reason = entry.fact("reason").map { ": \($0)" } ?? ""
        return switch entry.event {
        case "stopping": "\(node) was told to stop"
        case "drained": "\(node) was drained"
        case "command_done": "an operator on \(node): \(entry.fact("request") ?? "")"
        case "hook_failed": "hook \(entry.fact("hook") ?? "") failed on \(node)\(reason)"
        case "hook_awaited": "VIPs wait for hook \(entry.fact("hook") ?? "") on \(node)"
        case "giving_up": "\(node) gave leadership up\(reason)"
        case "link_lost": "\(node)\(reason)"
        case "handing_over": "\(node) handed over\(reason)"
        case "stepped_down": "\(node) stepped down\(reason)"
        case "vips_withdrawn": "VIPs off \(node)"
        case "vips_expired": "the keeper of \(node) took the VIPs off: no renewal came in time"
        case "vips_not_assigned": "\(node) could not put the VIPs on\(reason)"
        case "leader_lost": loss(entry, formerLeader)
        case "campaigning":
            "\(node) campaigned in term \(entry.term)"
                + (entry.fact("reason") == "no leader is heard"
                    ? " when what it had promised to \(formerLeader) was over" : "")
        case "leading": "elected"
        default: "\(node): \(entry.message)\(reason)"
        }
    }

    private static func loss(_ entry: HistoryEntry, _ formerLeader: String) -> String {
        let leader = entry.fact("leader") ?? formerLeader
        let span = entry.duration("silent_ms").map { " for \(readable($0))" } ?? ""
        return switch entry.fact("kind") {
        case "silence": "\(entry.node) heard nothing from \(leader)\(span)"
        case "release": "\(entry.node) heard that \(leader) holds nothing any more"
        case "handover": "\(leader) told \(entry.node) to lead"
        default: "\(entry.node) lost \(leader): \(entry.fact("reason") ?? "")"
        }
    }
}

extension FailoverChain {
    var value: JSONValue {
        .object([
            .init("term", .integer(Int64(clamping: term))),
            .init("group", .string(group)),
            .init("from", .string(from)),
            .init("to", .string(to)),
            .init("time", .string(time)),
            .init("took_ms", took.map(JSONValue.number) ?? .null),
            .init("steps", .array(steps.map(\.value))),
        ])
    }

    /// For people: `n2 heard nothing from n1 for 262 ms → n2 campaigned in term 7 → elected → VIPs of web on 22 ms after`.
    var text: String {
        let time = took.flatMap { JSONValue.number($0).duration }.map { " in \(readable($0))" } ?? ""
        let way = from == to ? "back to \(to)" : "\(from) to \(to)"
        return "\(plain(group)) from \(plain(way))\(time): \(steps.map { plain($0.words) }.joined(separator: " → "))"
    }
}

extension FailoverChain.Step {
    fileprivate var value: JSONValue {
        .object([
            .init("node", .string(node)),
            .init("time", .string(time)),
            .init("event", .string(event)),
            .init("words", .string(words)),
        ])
    }
}
