import Raft
import Time

/// The process that holds the addresses, as DESIGN.md 2 has it: it enforces the end of the lease by itself.
///
/// Requests are taken in order, one kernel operation at a time, and the clock is looked at before each of them.
struct Keeper {
    enum Request {
        case hold(Term, until: Instant)
        case release(Term)
        case will(Term)
        /// The agent is gone: nothing that is read after this is obeyed.
        case endOfFile
    }

    enum Operation: Equatable {
        case adding(Term)
        case removing
    }

    /// What the keeper does next.
    enum Act {
        case begin(Operation)
        case answerWithdrawn(Term)
        case sendWill(Term)
        case exit
    }

    private var requests: [Request] = []
    private(set) var operation: Operation?
    private(set) var until: Instant?
    private var term = Term(0)
    /// Nothing of this term or an older one is installed any more.
    private var closed = Term(0)
    private var will: Term?
    /// What is owed when the addresses are off.
    private var releasing: Term?
    private var hasLostAgent = false
    private var hasExited = false
    var isStopped = false
    /// Stopped between its look at the clock and its request to the kernel, which follows when it goes on.
    var awaitsRequest = false
    /// Answers to `hold` since the last look.
    private var answeredHolds = 0

    let sabotage: Sabotage?

    init(sabotage: Sabotage?) { self.sabotage = sabotage }

    mutating func hear(_ request: Request) {
        guard !hasLostAgent else { return }
        guard case .endOfFile = request else { return requests.append(request) }
        // ECONNRESET comes before what is still in the queue, and nothing of that is obeyed.
        hasLostAgent = true
        // Sabotage: there always is something, as if the agent had sent its latest hold once more before it died.
        requests = sabotage == .queuedHold ? until.map { [.hold(term, until: $0)] } ?? [] : []
    }

    mutating func finishOperation() { operation = nil }

    /// The fence has closed by itself: the address goes, too.
    mutating func takeOff() { operation = .removing }

    mutating func takeAnsweredHolds() -> Int {
        defer { answeredHolds = 0 }
        return answeredHolds
    }

    /// When the keeper must look again although nobody has asked for anything.
    var deadline: Deadline? {
        guard sabotage != .keeperWithoutDeadline else { return nil }
        return until.map { .either($0) }
    }

    /// The next thing to do; nil when there is nothing, or an operation is under way.
    mutating func next(_ kernel: Kernel, at now: Instant, moment: Nanoseconds, withdrawal: Duration) -> Act? {
        guard operation == nil, !isStopped, !hasExited else { return nil }
        if isOver(at: now), kernel.installed != nil { return begin(.removing) }
        if let released = releasing {
            if kernel.installed != nil { return begin(.removing) }
            releasing = nil
            return .answerWithdrawn(released)
        }
        if hasLostAgent { return end(kernel, at: now, withdrawal: withdrawal) }
        guard !requests.isEmpty else { return renew(kernel, at: now, moment: moment) }
        obey(requests.removeFirst())
        return refresh(kernel, at: now, moment: moment) ?? next(kernel, at: now, moment: moment, withdrawal: withdrawal)
    }

    private mutating func begin(_ operation: Operation) -> Act {
        self.operation = operation
        return .begin(operation)
    }

    private func isOver(at now: Instant) -> Bool {
        guard let deadline else { return sabotage != .keeperWithoutDeadline }
        return deadline.hasPassed(at: now)
    }

    private mutating func obey(_ request: Request) {
        switch request {
        case .hold(let term, let until):
            answeredHolds += 1
            guard term > closed else { return }
            self.term = term
            self.until = until
        case .release(let term):
            closed = max(closed, term)
            releasing = max(releasing ?? term, term)
            until = nil
        case .will(let term): will = term
        case .endOfFile: hasLostAgent = true
        }
    }

    /// Without having been asked: a long lease may go on for longer than the kernel keeps an address.
    private mutating func renew(_ kernel: Kernel, at now: Instant, moment: Nanoseconds) -> Act? {
        guard kernel.installed == term, moment - kernel.refreshed >= Kernel.renewalInterval else { return nil }
        return refresh(kernel, at: now, moment: moment)
    }

    private mutating func refresh(_ kernel: Kernel, at now: Instant, moment: Nanoseconds) -> Act? {
        guard until != nil, !isOver(at: now), !hasLostAgent, releasing == nil else { return nil }
        // The fence is renewed with each hold.
        let isFresh =
            kernel.installed == term && kernel.fenceEnd == nil && moment - kernel.refreshed < Kernel.refreshInterval
        return isFresh ? nil : begin(.adding(term))
    }

    /// The agent is gone: addresses off, then its last will, unless that took so long that it is worth nothing.
    private mutating func end(_ kernel: Kernel, at now: Instant, withdrawal: Duration) -> Act? {
        if sabotage == .hastyWill, let will = will.take() { return .sendWill(will) }
        if kernel.installed != nil { return begin(.removing) }
        if let will = will.take(), !isLate(at: now, withdrawal: withdrawal) { return .sendWill(will) }
        if sabotage == .queuedHold, let act = obeyQueue(kernel, at: now) { return act }
        hasExited = true
        return .exit
    }

    /// Sabotage: what was left in the queue is read behind the end of file.
    private mutating func obeyQueue(_ kernel: Kernel, at now: Instant) -> Act? {
        for request in requests { obey(request) }
        defer { requests = [] }
        return requests.isEmpty || until == nil || isOver(at: now) ? nil : begin(.adding(term))
    }

    private func isLate(at now: Instant, withdrawal: Duration) -> Bool {
        guard let until else { return false }
        return Deadline.either(until + withdrawal).hasPassed(at: now)
    }
}
