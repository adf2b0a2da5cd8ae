import Net
import Raft
import Time

/// A group as the keeper sees it.
struct GroupState: Hashable, Sendable {
    struct Hold: Hashable, Sendable {
        var term: Term
        var until: Instant
    }

    var settings: KeeperPlan.Group
    /// No plan has it any more: it obeys nothing, and its place is another's when all of it is off.
    var isGone: Bool
    /// Gone since the last plan, and not taken off yet.
    var isLeaving = false
    var hold: Hold?
    /// When the first of the holds came that follow each other without a gap.
    var heldSince: Instant?
    /// Holds that were not answered yet, all of the present term or replaced by one that is.
    var unanswered: [Term] = []
    /// What the agent was told last of the links.
    var linkFault: String?
    /// Yet to be put on.
    var queue = WorkQueue()
    /// On, and to be refreshed when nothing else is to be done.
    var refreshes = WorkQueue()
    /// What the kernel refused to put on, and why.
    var failures: [Prefix: String] = [:]
    /// When the kernel's lifetime is to be renewed.
    var renewal: Instant?
    /// When what failed is to be tried again.
    var retry: Instant?
    /// Touched by somebody else, and to be put on before anything of the queue.
    var touched: [TouchedVIP] = []
    var fights = Fights()
    /// When the agent was last told of a fight.
    var toldOfFight: Instant?
    var announcements: AnnouncementSchedule?
    /// All announcements are to begin anew.
    var announcesAnew = false
    /// On, and not announced yet; since when, or when the last of them were.
    var fresh: ArraySlice<Placement> = []
    var freshSince: Instant?
    /// What is left of the round that is being sent, and when it goes on.
    var round: ArraySlice<Prefix> = []
    var roundResumes: Instant?

    init(_ settings: KeeperPlan.Group, isGone: Bool = false) {
        self.settings = settings
        self.isGone = isGone
    }

    /// Asks for all VIPs to be put on.
    mutating func enqueueAll() {
        queue.fill(with: settings.vips)
        refreshes = WorkQueue()
    }

    mutating func enqueue(_ prefixes: some Sequence<Prefix>) { queue.append(prefixes) }

    /// Nothing is left to be done for a group that is not held.
    mutating func endHold() {
        var ended = GroupState(settings, isGone: isGone)
        ended.isLeaving = isLeaving
        ended.linkFault = linkFault
        self = ended
    }

    /// One line about all failures; nil without.
    var failureText: String? {
        if failures.isEmpty { return nil }
        let texts = settings.vips.compactMap { failures[$0] }
        guard let first = texts.first else { return nil }
        // Many addresses fail for one reason, and a line is for reading.
        return texts.count <= 4 ? texts.joined(separator: "; ") : "\(first); \(texts.count - 1) more failed"
    }

    var nextAnnouncement: Instant? { round.isEmpty ? announcements?.next : roundResumes }

    /// The VIPs to announce now, a batch of a round at most.
    mutating func takeAnnouncements(at now: Instant) -> [Prefix] {
        if round.isEmpty, announcements?.takeRound(at: now) == true { round = settings.vips[...] }
        guard !round.isEmpty, roundResumes.map({ Deadline.timer($0).hasPassed(at: now) }) ?? true else { return [] }
        defer {
            round = round.dropFirst(KeeperCore.batch)
            roundResumes = round.isEmpty ? nil : now + KeeperCore.announcementPace
        }
        return Array(round.prefix(KeeperCore.batch))
    }
}
