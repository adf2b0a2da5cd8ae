import Raft
import Time

/// What a script may look at.
extension ScriptCluster {
    /// Of every node, by its own view.
    mutating func tellStates(_ arguments: inout ScriptArguments) throws(ScriptFault) {
        try arguments.finish()
        for node in nodes {
            guard let raft = node.raft else {
                notes.tell(["\(node.id): down"])
                continue
            }
            let (state, leader) = raft.stateWords
            let vote = raft.membership.voter(raft.id) == nil ? "Non-Voter" : "Voter"
            notes.tell(["\(raft.id): \(state) (\(vote)) Term:\(raft.term) Lead:\(leader)"])
        }
    }

    mutating func tellLog(_ arguments: inout ScriptArguments) throws(ScriptFault) {
        let node = nodes[try place(of: arguments.word("the number of a node"))]
        let log = node.raft?.log ?? node.disk.log
        if log.snapshot != .none { notes.tell([log.snapshot.words]) }
        notes.tell(log.entries.map { $0.words + (node.disk.log.entries.contains($0) ? "" : " (not durable)") })
        if notes.lines.isEmpty { notes.tell(["log is empty"]) }
    }

    mutating func tellStatus(_ arguments: inout ScriptArguments) throws(ScriptFault) {
        let node = nodes[try place(of: arguments.word("the number of a node"))]
        guard let raft = node.raft else {
            return notes.tell(["\(node.id): down, on its disk \(node.disk.hardState.words)"])
        }
        let status = raft.status
        var words = ["\(raft.stateWords.state) Term:\(raft.term)"]
        if let vote = raft.hardState.vote { words.append("Vote:\(vote)") }
        words.append("Lead:\(raft.stateWords.leader) Commit:\(status.commitIndex) Last:\(status.lastIndex)")
        if let lease = status.lease { words.append("Lease:\(Deadline.either(lease).remaining(at: node.now).words)") }
        let promise = Self.promiseLeft(of: node)
        if promise > .zero { words.append("Promise:\(promise.words)") }
        notes.tell(["\(node.id): " + words.joined(separator: " ")])
        notes.tell(status.peers.compactMap { peer in peer.match.map { "\(peer.node.id): Match:\($0)" } })
    }

    /// By the node's clock now, not when it last acted.
    private static func promiseLeft(of node: ScriptNode) -> Duration {
        guard var raft = node.raft else { return .zero }
        // A copy: looking changes nothing.
        _ = raft.step(.timeElapsed, at: node.now)
        return raft.status.promiseLeft
    }

    /// What the keepers have in their kernels.
    mutating func tellVIPs(_ arguments: inout ScriptArguments) throws(ScriptFault) {
        try arguments.finish()
        for node in nodes {
            guard let holding = node.keeper.installed(at: node.now) else { continue }
            let left = Deadline.either(holding.until).remaining(at: node.now)
            notes.tell(["\(node.id): VIPs of term \(holding.term) for \(left.words)"])
        }
        if notes.lines.isEmpty { notes.tell(["nobody has the VIPs"]) }
    }

    /// What is on its way, oldest first.
    mutating func tellMessages(_ arguments: inout ScriptArguments) throws(ScriptFault) {
        try arguments.finish()
        notes.tell(parcels.isEmpty ? ["no messages"] : parcels.map(\.words))
    }
}
