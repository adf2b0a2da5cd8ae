import Configuration
import Elections
import Raft

/// Who founds the cluster without waiting for the others, by an operator's word.
///
/// They are a majority of `cluster.nodes`, this node among them: two sets without a common node could found two clusters,
/// and each would have a holder.
struct FoundingOrder: Hashable {
    let founders: Set<NodeID>
    /// Those who may come later, by name.
    let others: [String]

    /// What is wrong with it; the words follow those of who has said it.
    struct Fault: Error, Hashable {
        let text: String
    }

    init(_ founders: Set<NodeID>, _ configuration: Configuration) throws(Fault) {
        self.founders = founders
        let nodes = configuration.cluster.nodes.map(\.id)
        let named = founders.sorted().map(\.text)
        others = nodes.filter { !named.contains($0) }
        let strangers = named.filter { !nodes.contains($0) }
        guard strangers.isEmpty else {
            throw Fault(
                text: "cluster.nodes does not name \(strangers.joined(separator: ", ")); "
                    + "expected some of \(nodes.joined(separator: ", "))"
            )
        }
        guard named.contains(configuration.node.id) else {
            throw Fault(text: "this node, \(configuration.node.id), is not among them; the order is for those it names")
        }
        let quorum = nodes.count / 2 + 1
        guard named.count >= quorum else {
            throw Fault(
                text: "\(named.joined(separator: ", ")) \(named.count == 1 ? "is" : "are") no majority of the "
                    + "\(nodes.count) in cluster.nodes; expected \(quorum) or more, or the others could found a second cluster"
            )
        }
    }

    /// As it is written on a command line: names with commas between them.
    init(parsing text: String, _ configuration: Configuration) throws(Fault) {
        var founders: Set<NodeID> = []
        for word in text.split(separator: ",", omittingEmptySubsequences: false) {
            guard let name = NodeID(String(word)) else {
                throw Fault(text: "\(quoted(String(word))) is no node's name; expected names like n1,n2")
            }
            founders.insert(name)
        }
        try self.init(founders, configuration)
    }
}

extension FoundingOrder {
    /// What was ordered for the agent's start; nil where nothing was. The configuration may be another by now.
    static func standing(
        in directory: String,
        _ configuration: Configuration
    ) throws(StartFailure) -> Set<NodeID>? {
        let founders: Set<NodeID>?
        do throws(StorageError) {
            founders = try RaftStorage.founders(directory: directory)
        } catch {
            throw StartFailure("\(error)")
        }
        guard let founders else { return nil }
        do throws(Fault) {
            return try FoundingOrder(founders, configuration).founders
        } catch {
            throw StartFailure(
                "\(directory)/bootstrap cannot be followed: \(error.text); order it anew by `vip-switch bootstrap`, "
                    + "or remove that file"
            )
        }
    }
}

extension FoundingOrder {
    /// What was ordered, and what is to do now.
    ///
    /// - Parameter running: Who runs here already.
    func account(of node: String, running: String?) -> String {
        let names = founders.sorted().map(\.text)
        let without = others.isEmpty ? "" : ", without waiting for \(others.joined(separator: ", "))"
        var lines = ["the cluster will be founded by \(names.joined(separator: ", "))\(without)"]
        let partners = names.filter { $0 != node }
        if !partners.isEmpty { lines.append("give the same order on \(partners.joined(separator: ", "))") }
        lines.append(
            running.map { "an agent runs here, \($0): restart it, for it heeds the order only when it starts" }
                ?? "start the agent here"
        )
        for other in others { lines.append("\(other) is taken in when it comes with an empty data_dir") }
        return lines.map { $0 + "\n" }.joined()
    }
}
