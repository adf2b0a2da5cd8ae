package import Raft

/// What came of a request to the leader.
package enum RequestOutcome: Hashable, Sendable {
    /// The VIPs are being taken off, and then that node is told to campaign.
    case handingOver(to: NodeID)
    /// It stands in the log, and no leader can lose it any more.
    case committed
    /// It stands in the log, but the leadership ended before it was committed: a later leader may still do so, or drop it.
    case open
    case refused(RequestFault)
}

/// Requests of operators between their entry into the log and its commitment.
struct AwaitedRequests {
    typealias Completion = (RequestOutcome) -> Void

    private var lastNumber: UInt64 = 0
    private var asked: [UInt64: Completion] = [:]
    private var logged: [(index: LogIndex, term: Term, completion: Completion)] = []
    /// Answers that nobody has heard yet.
    private var settled: [(RequestOutcome, Completion)] = []

    /// Gives a request its number.
    mutating func add(_ completion: @escaping Completion) -> UInt64 {
        lastNumber += 1
        asked[lastNumber] = completion
        return lastNumber
    }

    /// Notes what the node has answered, in that term.
    mutating func note(_ number: UInt64, _ answer: Answer, in term: Term) {
        guard let completion = asked.removeValue(forKey: number) else { return }
        switch answer {
        case .appended(let index): logged.append((index, term, completion))
        case .handingOver(let heir): settled.append((.handingOver(to: heir), completion))
        case .refused(let fault): settled.append((.refused(fault), completion))
        }
    }

    /// Takes out what is settled as the node is now.
    mutating func settle(
        role: Role,
        commitIndex: LogIndex,
        termAt: (LogIndex) -> Term?
    ) -> [(outcome: RequestOutcome, completion: Completion)] {
        var waiting: [(index: LogIndex, term: Term, completion: Completion)] = []
        for request in logged {
            if request.index <= commitIndex {
                // What a snapshot stands for was committed by this leader before it could be thrown away.
                let isOurs = (termAt(request.index) ?? request.term) == request.term
                settled.append((isOurs ? .committed : .open, request.completion))
            } else if role == .leader(request.term) {
                waiting.append(request)
            } else {
                settled.append((.open, request.completion))
            }
        }
        logged = waiting
        defer { settled = [] }
        return settled.map { (outcome: $0.0, completion: $0.1) }
    }
}
