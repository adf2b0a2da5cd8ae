import Net
import Raft
import Time

/// What the keeper decides: which VIPs are on, until when, and what it says.
///
/// Guarded here, whatever the agent asks and in whatever order things happen:
/// - a VIP is put on only under a hold that is not over by either clock **at that step**; the step after each answer of
///   the kernel looks again, and takes off what is no longer held before anything else but closing the fence;
/// - after `agentGone` or `stop` nothing is put on any more;
/// - `released`, `expired`, `allOff` and the last will follow a dump that shows the VIPs absent everywhere;
/// - nothing is announced but what is on and held.
struct KeeperCore: Sendable {
    enum Phase: Hashable, Sendable {
        case serving
        /// `stop` came: everything off, then `allOff`.
        case stopping
        /// Nobody is left to report to: everything off, then the last will. No will where anything went wrong.
        case orphaned(since: Instant, isWillValid: Bool)
        case finished
    }

    var plan: KeeperPlan
    /// Nil but while VIPs of two plans may be on.
    var transition: Transition?
    private(set) var phase = Phase.serving
    var groups: [GroupState]
    var kernel: KernelView
    /// What is to be reported once a dump shows the VIPs absent; until then their groups stay off.
    var proofs: [Proof] = []
    var will: LastWill?
    /// The latest end of any hold so far.
    var latestUntil: Instant?
    /// No hold of this term or an older one is obeyed.
    var releasedTerm: Term?
    var budget: OperationBudget
    /// Of each group, in their order.
    var tallies: [TallyState]
    var conflicts = ConflictLedger()
    var lastStep: Instant?
    var lastStall: Instant?
    /// Since when something has to go; nil while nothing does.
    var withdrawalBegin: Instant?
    /// Nil where addresses stand behind none.
    var fence: FenceView?
    var effects: [KeeperEffect] = []

    /// Begins with nothing on, as `StartCheck` has seen to.
    init(_ plan: KeeperPlan, interfaces: [Interface]) {
        self.plan = plan
        groups = plan.groups.map { GroupState($0) }
        tallies = plan.groups.map { _ in TallyState() }
        kernel = KernelView(plan, interfaces: interfaces)
        fence = plan.isFenced ? FenceView(groups: plan.groups.count) : nil
        budget = OperationBudget(perSecond: Self.operationsPerSecond * max(1, plan.groups.count))
    }

    /// Applies one event and returns, in order, what the shell must do about it.
    mutating func step(_ event: KeeperEvent, at now: Instant) -> [KeeperEffect] {
        noticeStall(at: now)
        // Before the news: what is over is over, whatever they are.
        endHolds(at: now)
        apply(event, at: now)
        endHolds(at: now)
        proceed(at: now)
        kernel.noteBegin(at: now)
        defer { effects = [] }
        return effects
    }

    private mutating func apply(_ event: KeeperEvent, at now: Instant) {
        if phase == .finished { return }
        switch event {
        case .timeElapsed: break
        case .requested(let request): if phase == .serving { obey(request, at: now) }
        case .agentGone: orphan(at: now)
        case .answered(let answer): digest(answer, at: now)
        case .interfaceChanged(let interface): note(interface)
        case .interfaceGone(let index): forget(index)
        case .addressSet(let address, let author): see(address, by: author, at: now)
        case .addressRemoved(let placement, let author): lose(placement, to: author, at: now)
        case .eventsLost: kernel.needsDump = true
        case .claimed(let claim, let interface): judge(claim, on: interface, at: now)
        case .peersToBeNotified(let interface): announceAnew(on: interface)
        case .planChanged(let plan, let interfaces, let number): adopt(plan, interfaces, number, at: now)
        }
    }

    /// The fence or removals alone, else answers, announcements and one other command.
    private mutating func proceed(at now: Instant) {
        if phase == .finished { return }
        if abandons(at: now) { return }
        tellOfLinks()
        proceedWithTransition(at: now)
        if kernel.underway == nil, let command = nextFenceCommand(at: now) { return perform(command) }
        if kernel.underway == nil, let removal = nextRemoval(at: now) { return perform(removal) }
        endFights(at: now)
        // What was taken from us first: it is on nowhere while we look.
        let command =
            kernel.underway == nil ? nextPutBack(at: now) ?? nextDump(at: now) ?? nextAddition(at: now) : nil
        if let command { kernel.underway = command }
        announceFresh(at: now)
        answerHolds(at: now)
        defendOwed(at: now)
        announceDue(at: now)
        reportTallies(at: now)
        if let command { perform(command) }
    }
}

// MARK: - Bounds

extension KeeperCore {
    /// For each group; a hold that only shortens is free.
    static let operationsPerSecond = 1_000
    /// Requests that wait for their answer: holds of one group, and releases together.
    static let unanswered = 1_000
    /// Addresses in one command, and announced in one step: the clock is read again after each.
    static let batch = 64
    /// Of addresses that have just been put on, in one step; and the longest that the first of many wait for it.
    static let freshAtOnce = 256
    static let firstFrames = Duration.milliseconds(25)
    /// Between two batches of announcements.
    static let announcementPace = Duration.milliseconds(1)
    /// Between attempts to put on what the kernel refused.
    static let retryInterval = Duration.seconds(1)
    /// Between attempts to take off or to list, doubled with each failure.
    static let backoff: ClosedRange<Duration> = .milliseconds(10)...(.seconds(1))
    /// How long the keeper tries to take everything off once the agent is gone.
    static let patience = Duration.seconds(30)
}

// MARK: - The end

extension KeeperCore {
    mutating func stop() {
        phase = .stopping
        for index in groups.indices { endHold(index, because: "the keeper is stopping") }
        kernel.needsDump = true
    }

    private mutating func orphan(at now: Instant) {
        if case .orphaned = phase { return }
        for index in groups.indices { endHold(index, because: "the agent is gone") }
        effects = []
        proofs = []
        phase = .orphaned(since: now, isWillValid: true)
        kernel.needsDump = true
    }

    /// Something went wrong: nobody may conclude that the VIPs are off.
    mutating func voidWill() {
        if case .orphaned(let since, _) = phase { phase = .orphaned(since: since, isWillValid: false) }
    }

    /// A dump has shown every VIP absent.
    mutating func conclude(at now: Instant) {
        switch phase {
        case .serving, .finished: return
        case .stopping: report(.allOff)
        case .orphaned(_, let isWillValid):
            if isWillValid, let will, isInTime(at: now) { effects.append(.send(will)) }
        }
        effects.append(.exit(isClean: true))
        phase = .finished
    }

    /// A will that comes later than `until` + D finds another leader: it would only confuse.
    private func isInTime(at now: Instant) -> Bool {
        guard let latestUntil else { return false }
        return now.longestElapsed(since: latestUntil) <= plan.withdrawal
    }

    /// Gives up on a kernel that removes nothing: its own lifetimes are left.
    private mutating func abandons(at now: Instant) -> Bool {
        guard case .orphaned(let since, _) = phase, kernel.underway == nil,
            Deadline.timer(since + Self.patience).hasPassed(at: now)
        else { return false }
        effects.append(.exit(isClean: false))
        phase = .finished
        return true
    }

    mutating func report(_ report: KeeperReport) {
        switch phase {
        case .serving, .stopping: effects.append(.report(report))
        case .orphaned, .finished: break
        }
    }

    mutating func notice(_ event: KeeperNotice.Event, _ fields: (String, String)...) {
        report(.notice(KeeperNotice(event, fields.map { KeeperNotice.Field($0.0, $0.1) })))
    }
}

// MARK: - Deadlines

extension KeeperCore {
    /// What to wait for if nothing else happens; nil when only news can change anything.
    func nextDeadline(at now: Instant) -> Deadline? {
        if phase == .finished { return nil }
        var all = groups.indices.flatMap { deadlines(of: $0, at: now) }
        all += kernel.resting.values.map { .timer($0) }
        all += conflicts.owed.values.map { .timer($0) }
        if phase == .serving { all += tallies.compactMap { $0.due.map { .timer($0) } } }
        all += fenceDeadlines(at: now)
        if phase == .serving, let deadline = transitionDeadline { all.append(deadline) }
        // A list that is due waits for the end of a rest.
        if let dump = kernel.dumpRestsUntil ?? kernel.checkDue { all.append(.timer(dump)) }
        if case .orphaned(let since, _) = phase { all.append(.timer(since + Self.patience)) }
        return all.min { $0.remaining(at: now) < $1.remaining(at: now) }
    }

    private func deadlines(of index: Int, at now: Instant) -> [Deadline] {
        let group = groups[index]
        guard let hold = group.hold else { return [] }
        guard isActive(index, at: now) else { return [.either(hold.until)] }
        let fresh = group.fresh.isEmpty ? nil : now
        let timers = [group.renewal, group.retry, group.nextAnnouncement, group.fights.next, fresh]
        return [.either(hold.until)] + timers.compactMap { $0.map { .timer($0) } }
    }
}
