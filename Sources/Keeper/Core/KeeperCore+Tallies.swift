import Time

/// The counters of one group, and when the agent is to hear of them.
struct TallyState: Hashable, Sendable {
    private(set) var tally = AnnouncementTally()
    /// Nil while there is nothing new.
    private(set) var due: Instant?

    /// The agent hears of it later: what is counted here happens when there is more important work.
    mutating func change(at now: Instant, _ change: (inout AnnouncementTally) -> Void) {
        change(&tally)
        if due == nil { due = now + KeeperCore.tallyInterval }
    }

    /// What is to be reported now; nil when it is not time.
    mutating func take(at now: Instant) -> AnnouncementTally? {
        guard let due, Deadline.timer(due).hasPassed(at: now) else { return nil }
        self.due = nil
        return tally
    }
}

extension KeeperCore {
    /// Between two reports of one group's counters.
    static let tallyInterval = Duration.seconds(1)

    /// The shell has sent frames of a group's VIPs, or could not.
    mutating func count(_ frames: AnnouncementTally.Frames, of group: Int, at now: Instant) {
        tallies[group].change(at: now) { $0.frames += frames }
    }

    mutating func reportTallies(at now: Instant) {
        for index in groups.indices {
            guard let tally = tallies[index].take(at: now) else { continue }
            report(.tallied(group: groups[index].settings.name, tally))
        }
    }
}
