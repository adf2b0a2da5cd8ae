import Raft
import Time

/// Looks on from outside, in true time, and knows what no node can know.
struct Checker {
    struct Entry: Hashable {
        let entry: LogEntry
        let previousTerm: Term
    }

    struct Owed {
        let term: Term
        /// No voter's clock can have counted the promise before this true moment.
        let end: Nanoseconds
    }

    private(set) var violation: Violation?
    let plan: Plan

    // What the cluster has done so far.
    var leaders: [Term: Int] = [:]
    var known: [[Entry]] = []
    var committed: [LogEntry] = []
    /// The term in which each of them was.
    var committedIn: [Term] = []
    var votes: [Ballot: NodeID] = [:]
    var cluster: ClusterID?
    var newestClaim = Term(0)
    var lostDisks = 0

    // What each node owes and knows.
    var owed: [[Owed]]
    var releases: [Term]
    var seenLogs: [SeenLog]
    var books: [LeaseBook]
    var wills: [Term]
    var receipts: [[Receipt]]
    /// The last vote that each run has decided upon, durable or not.
    var decided: [Ballot?]

    // Who holds.
    var neglects: [Neglect]
    var holder: Int?
    var holdings: [Holding] = []
    var isHealed = false
    var lastChange: Nanoseconds = 0

    /// When a heartbeat came in; some are remembered, for an acknowledgement that waits for the disk.
    struct Receipt {
        let term: Term
        let sequence: UInt64
        let at: Nanoseconds
    }

    static let receiptLimit = 1024

    struct Ballot: Hashable, Sendable {
        let storage: StorageID
        let term: Term
    }

    struct SeenLog: Equatable {
        var count = 0
        var lastTerm = Term(0)
        var commit = LogIndex(0)
    }

    init(plan: Plan) {
        self.plan = plan
        let count = plan.starts.count
        owed = Array(repeating: [], count: count)
        releases = Array(repeating: Term(0), count: count)
        seenLogs = Array(repeating: SeenLog(), count: count)
        books = Array(repeating: LeaseBook(), count: count)
        wills = Array(repeating: Term(0), count: count)
        receipts = Array(repeating: [], count: count)
        decided = Array(repeating: nil, count: count)
        neglects = Array(repeating: Neglect(), count: count)
    }

    /// Only the first violation counts: what follows from it is noise.
    mutating func violate(_ rule: Violation.Rule, _ detail: String, at moment: Nanoseconds) {
        if violation == nil { violation = Violation(rule: rule, detail: detail, at: moment) }
    }

    mutating func booted(_ machine: Machine, at moment: Nanoseconds) {
        seenLogs[machine.index] = SeenLog()
        wills[machine.index] = Term(0)
        neglects[machine.index].isCutOff = false
        let state = machine.disk.durable.hardState
        decided[machine.index] =
            state.vote == nil ? nil : Ballot(storage: machine.disk.durable.storage, term: state.term)
    }

    mutating func ended(_ machine: Machine) {
        books[machine.index].close()
    }
}

// MARK: Who holds

extension Checker {
    mutating func installed(_ term: Term, _ machine: Machine, _ machines: [Machine], at moment: Nanoseconds) {
        // Outside `strict` there are excuses, which `look` knows.
        for other in machines where plan.isStrict && other !== machine && other.kernel.installed != nil {
            violate(.exclusivity, "n\(machine.index + 1) has it of t\(term), n\(other.index + 1) still", at: moment)
        }
        if plan.isStrict, term <= newestClaim {
            violate(.releaseIsTrue, "n\(machine.index + 1) installs t\(term), t\(newestClaim) is released", at: moment)
        }
        guard holder != machine.index else { return }
        holder = machine.index
        holdings.append(Holding(node: machine.index, from: moment, to: nil))
        lastChange = moment
    }

    mutating func removed(_ machine: Machine, at moment: Nanoseconds) {
        guard holder == machine.index else { return }
        holder = nil
        holdings[holdings.count - 1].to = moment
        lastChange = moment
    }

    mutating func heal() { isHealed = true }

    /// From the end of the faults to the last change of the holder.
    var recovery: Nanoseconds? {
        isHealed && holder != nil ? max(0, lastChange - plan.healedAt) : nil
    }

    private var recoveryEnd: Nanoseconds { plan.healedAt + plan.recoveryBound }

    /// Judges the stretch without events up to `moment`.
    mutating func watch(until moment: Nanoseconds) {
        guard moment > recoveryEnd else { return }
        judgeHolder(at: recoveryEnd)
    }

    mutating func finish(at moment: Nanoseconds) { judgeHolder(at: moment) }

    private mutating func judgeHolder(at moment: Nanoseconds) {
        if plan.expectsHolder, holder == nil { violate(.oneHolder, "nobody has the VIP", at: moment) }
        if !plan.expectsHolder, let holder { violate(.oneHolder, "n\(holder + 1) has the VIP", at: moment) }
        if lastChange > recoveryEnd { violate(.oneHolder, "the holder changed once more", at: lastChange) }
    }

    /// Somebody says that nothing of this term is held, nor will be.
    mutating func claimed(_ term: Term, _ machine: Machine, _ machines: [Machine], at moment: Nanoseconds) {
        guard term > newestClaim else { return }
        newestClaim = term
        for other in machines {
            guard let held = other.kernel.installed, held <= term else { continue }
            // A term before it may be another node's that was left with nobody to act.
            if held == term || !neglects[other.index].isExcused(at: moment) {
                violate(
                    .releaseIsTrue,
                    "n\(other.index + 1) has the VIP of t\(held), t\(term) is called released",
                    at: moment
                )
            }
        }
    }
}
