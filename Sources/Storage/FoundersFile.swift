internal import Raft

/// The file `bootstrap`: who founds the cluster without waiting for the others, by an operator's word. A name a line.
///
/// It is read at start, and counts as long as the node belongs to no cluster.
enum FoundersFile {
    static func image(_ founders: Set<NodeID>) -> [UInt8] {
        founders.sorted().reduce(into: []) { $0 += Array("\($1)\n".utf8) }
    }

    static func founders(of image: [UInt8]) throws(StoredFault) -> Set<NodeID> {
        guard let text = String(validating: image, as: UTF8.self) else { throw .illegible("it is no text") }
        var founders: Set<NodeID> = []
        for (number, line) in text.split(separator: "\n", omittingEmptySubsequences: false).enumerated() {
            if line.allSatisfy(\.isWhitespace) { continue }
            guard let name = NodeID(String(line)) else { throw .illegible("line \(number + 1) is no node's name") }
            founders.insert(name)
        }
        guard !founders.isEmpty else { throw .illegible("it names no node") }
        guard founders.count <= Membership.limit else {
            throw .illegible("it names \(founders.count) nodes, and a cluster has \(Membership.limit) at most")
        }
        return founders
    }
}
