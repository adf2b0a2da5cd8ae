/// Which of a few nodes can be heard by which: a directed graph, a bit a link.
package struct LinkGraph: Hashable, Sendable {
    package let nodes: Int
    /// Bit `from * (nodes - 1) + place of to among the others`.
    package let bits: UInt32

    package init(nodes: Int, bits: UInt32) {
        self.nodes = nodes
        self.bits = bits
    }

    init(nodes: Int, links: [(from: Int, to: Int)]) {
        self.init(nodes: nodes, bits: links.reduce(0) { $0 | 1 << Self.bit($1.from, $1.to, nodes) })
    }

    /// How many there are: two to the number of links.
    package static func count(nodes: Int) -> UInt32 { 1 << UInt32(nodes * (nodes - 1)) }

    package func links(_ from: Int, to: Int) -> Bool { bits >> Self.bit(from, to, nodes) & 1 == 1 }

    private static func bit(_ from: Int, _ to: Int, _ nodes: Int) -> UInt32 {
        UInt32(from * (nodes - 1) + (to < from ? to : to - 1))
    }

    /// Whether a node makes a quorum with those that it both reaches and hears.
    ///
    /// This is what the protocol needs, and no more: a question, a vote, a heartbeat and their answers go over one link there
    /// and back; nothing is passed on by a third.
    package func isHub(_ node: Int) -> Bool {
        let others = (0..<nodes).filter { $0 != node && links(node, to: $0) && links($0, to: node) }
        return others.count + 1 >= nodes / 2 + 1
    }

    package var hasHub: Bool { (0..<nodes).contains(where: isHub) }

    /// The same graph with its nodes renamed.
    func renamed(_ names: [Int]) -> LinkGraph {
        var renamed: UInt32 = 0
        for from in 0..<nodes {
            for to in 0..<nodes where from != to && links(from, to: to) {
                renamed |= 1 << Self.bit(names[from], names[to], nodes)
            }
        }
        return LinkGraph(nodes: nodes, bits: renamed)
    }

    /// One of each class of graphs that differ in their nodes' names alone, with the smallest bits.
    package static func classes(nodes: Int) -> [LinkGraph] {
        let names = permutations(of: Array(0..<nodes))
        var isKnown = Array(repeating: false, count: Int(count(nodes: nodes)))
        var classes: [LinkGraph] = []
        for bits in 0..<count(nodes: nodes) where !isKnown[Int(bits)] {
            let graph = LinkGraph(nodes: nodes, bits: bits)
            classes.append(graph)
            for name in names { isKnown[Int(graph.renamed(name).bits)] = true }
        }
        return classes
    }

    private static func permutations(of elements: [Int]) -> [[Int]] {
        guard let first = elements.first else { return [[]] }
        return permutations(of: Array(elements.dropFirst())).flatMap { rest in
            (0...rest.count).map { place in Array(rest[..<place]) + [first] + Array(rest[place...]) }
        }
    }
}

extension LinkGraph: CustomStringConvertible {
    /// `n1>n2 n2>n1`: the links that work.
    package var description: String {
        let links = (0..<nodes).flatMap { from in
            (0..<nodes).filter { $0 != from && self.links(from, to: $0) }.map { "n\(from + 1)>n\($0 + 1)" }
        }
        return links.isEmpty ? "no links" : links.joined(separator: " ")
    }
}
