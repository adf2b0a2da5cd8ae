import Raft
import Time

/// Looks on from outside, in true time, and knows what no node can know.
struct Checker {
    struct Owed: Hashable {
        let term: Term
        /// Whose; another disk is another voter.
        var storage = StorageID.none
        /// No voter's clock can have counted the promise before this true moment.
        let end: Nanoseconds
    }

    struct Tombstone: Hashable {
        let term: Term
        let since: Nanoseconds
    }

    private(set) var violation: Violation?
    let plan: Plan
    /// From here on one node has the VIP.
    private(set) var recoveryEnd: Nanoseconds

    // What the cluster has done so far.
    var leaders: [Term: Int] = [:]
    var chronicle = Chronicle()
    var votes: [Ballot: NodeID] = [:]
    var cluster: ClusterID?
    /// Whether it has had a leader.
    var hasLed = false
    var newestClaim = Term(0)
    var lostDisks = 0

    // What each node owes and knows.
    var owed: [[Owed]]
    var releases: [Term]
    /// What each run has been told to be released.
    var tombstones: [Tombstone?]
    var seenLogs: [SeenLog]
    var books: [LeaseBook]
    var wills: [Term]
    var receipts: [Receipts]
    /// The last vote that each run has decided upon, durable or not.
    var decided: [Ballot?]

    // Who holds.
    var neglects: [Neglect]
    var holder: Int?
    var holdings: [Holding] = []
    var isHealed = false
    var lastChange: Nanoseconds = 0

    struct Ballot: Hashable, Sendable {
        let storage: StorageID
        let term: Term
    }

    init(plan: Plan) {
        self.plan = plan
        recoveryEnd = plan.healedAt + plan.recoveryBound
        let count = plan.starts.count
        owed = Array(repeating: [], count: count)
        releases = Array(repeating: Term(0), count: count)
        tombstones = Array(repeating: nil, count: count)
        seenLogs = Array(repeating: SeenLog(), count: count)
        books = Array(repeating: LeaseBook(), count: count)
        wills = Array(repeating: Term(0), count: count)
        receipts = Array(repeating: Receipts(), count: count)
        decided = Array(repeating: nil, count: count)
        neglects = Array(repeating: Neglect(), count: count)
    }

    /// Only the first violation counts: what follows from it is noise.
    mutating func violate(_ rule: Violation.Rule, _ detail: String, at moment: Nanoseconds) {
        guard violation == nil, plan.rule.map({ $0 == rule || rule.endsTheRun }) ?? true else { return }
        violation = Violation(rule: rule, detail: detail, at: moment)
    }

    mutating func booted(_ machine: Machine, at moment: Nanoseconds) {
        seenLogs[machine.index] = SeenLog()
        wills[machine.index] = Term(0)
        tombstones[machine.index] = nil
        neglects[machine.index].isCutOff = false
        let state = machine.disk.durable.hardState
        decided[machine.index] =
            state.vote == nil ? nil : Ballot(storage: machine.disk.storage, term: state.term)
    }

    mutating func ended(_ machine: Machine) {
        books[machine.index].close()
    }
}

// MARK: Who holds

extension Checker {
    mutating func installed(_ term: Term, _ machine: Machine, _ machines: [Machine], at moment: Nanoseconds) {
        if !machine.settings.fitness.mayHold {
            violate(.witnessHolds, "n\(machine.index + 1) has it of t\(term)", at: moment)
        }
        judgeHolders(machines, at: moment)
        // Behind a closed fence it is there for nobody.
        let isReached = plan.exclusivity != .prompt && machine.answers(at: moment)
        if isReached, term <= newestClaim, moment > machine.excusedUntil {
            violate(.releaseIsTrue, "n\(machine.index + 1) installs t\(term), t\(newestClaim) is released", at: moment)
        }
        // One that stood still refreshes what another has by now.
        let isOld = machines.contains { $0.answers(at: moment) && $0.kernel.installed.map { $0 > term } ?? false }
        guard holder != machine.index, !isOld else { return }
        holder = machine.index
        holdings.append(Holding(node: machine.index, from: moment, to: nil))
        lastChange = moment
    }

    /// Of the nodes that answer for the VIP, only the one with the newest term needs no excuse.
    mutating func judgeHolders(_ machines: [Machine], at moment: Nanoseconds) {
        let holders = machines.filter { $0.answers(at: moment) }
        guard holders.count > 1, let newest = holders.compactMap(\.kernel.installed).max() else { return }
        let isBroken = holders.contains { $0.kernel.installed != newest && !isExcused($0, at: moment) }
        guard isBroken else { return }
        let names = holders.map { "n\($0.index + 1) has it of t\($0.kernel.installed ?? Term(0))" }
        violate(.exclusivity, names.joined(separator: ", "), at: moment)
    }

    func isExcused(_ machine: Machine, at moment: Nanoseconds) -> Bool {
        moment <= machine.excusedUntil || neglects[machine.index].isExcused(at: moment)
    }

    /// The node does not have the address any more, or nobody can reach it there.
    mutating func lost(_ machine: Machine, at moment: Nanoseconds) {
        guard holder == machine.index else { return }
        holder = nil
        holdings[holdings.count - 1].to = moment
        lastChange = moment
    }

    mutating func heal(lastOldRenewal: Nanoseconds) {
        isHealed = true
        recoveryEnd = max(plan.healedAt, lastOldRenewal) + plan.recoveryBound
    }

    /// From the end of the faults to the last change of the holder.
    var recovery: Nanoseconds? {
        isHealed && holder != nil ? max(0, lastChange - plan.healedAt) : nil
    }

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
            guard other.answers(at: moment), let held = other.kernel.installed, held <= term else { continue }
            // A term before it may be another node's that was left with nobody to act.
            if held == term || !isExcused(other, at: moment) {
                violate(
                    .releaseIsTrue,
                    "n\(other.index + 1) has the VIP of t\(held), t\(term) is called released",
                    at: moment
                )
            }
        }
    }
}
