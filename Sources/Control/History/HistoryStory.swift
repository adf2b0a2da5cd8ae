/// The histories of all nodes as one, and the failovers in it as chains of cause and effect.
package struct HistoryStory: Sendable {
    /// By term, then by time: clocks of different nodes differ, terms do not.
    package let entries: [HistoryEntry]
    package let chains: [FailoverChain]
    /// Who was asked, and what is missing.
    package let nodes: [Node]

    package struct Node: Hashable, Sendable {
        package var id: String
        package var count: Int
        package var leftOut: Int
        package var error: String?
    }

    package init(_ documents: [HistoryDocument]) {
        nodes = documents.map { Node(id: $0.node, count: $0.entries.count, leftOut: $0.leftOut, error: $0.error) }
        let indexed = documents.flatMap { document in document.entries.enumerated().map { ($0, $1) } }
        entries = indexed.sorted { a, b in
            (a.1.term, a.1.time, a.1.node, a.0) < (b.1.term, b.1.time, b.1.node, b.0)
        }.map(\.1)
        chains = FailoverChain.all(in: documents)
    }

    private init(entries: [HistoryEntry], chains: [FailoverChain], nodes: [Node]) {
        (self.entries, self.chains, self.nodes) = (entries, chains, nodes)
    }

    /// The latest of what happened at `time` or later on the node; nil for any.
    package func only(since time: String?, node: String?, latest count: Int) -> HistoryStory {
        let wanted = entries.filter { entry in
            (time.map { entry.time >= $0 } ?? true) && (node.map { entry.node == $0 } ?? true)
        }.suffix(count)
        let chains = chains.filter { chain in wanted.contains { chain.ends(with: $0) } }
        return HistoryStory(entries: Array(wanted), chains: chains, nodes: nodes)
    }
}

extension HistoryStory {
    package var json: String {
        JSONValue.object([
            .init("entries", .array(entries.map(\.value))),
            .init("failovers", .array(chains.map(\.value))),
            .init("nodes", .array(nodes.map(\.value))),
        ]).text
    }
}

extension HistoryStory.Node {
    fileprivate var value: JSONValue {
        .object([
            .init("id", .string(id)),
            .init("answered", .boolean(error == nil)),
            .init("error", error.map(JSONValue.string) ?? .null),
            .init("entries", .integer(Int64(count))),
            .init("left_out", .integer(Int64(leftOut))),
        ])
    }
}
