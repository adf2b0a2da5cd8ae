import Time

/// Tells the neighbours of what is on and held, and of nothing else.
extension KeeperCore {
    /// The first frame of each VIP leaves with the answer that it is on; the repeats follow.
    mutating func announce(_ fresh: [Placement], of index: Int, at now: Instant) {
        effects.append(.announce(fresh))
        groups[index].announcements = AnnouncementSchedule(plan.announcing, from: now, isFirstRoundOut: true)
    }

    mutating func announceDue(at now: Instant) {
        for index in groups.indices where isActive(index, at: now) {
            // Taken even where nothing can be sent, or the same round would be due for ever.
            let round = groups[index].takeAnnouncements(at: now)
            guard let interface = kernel.interfaces[groups[index].settings.interface], interface.isUp else { continue }
            let due = round.map { Placement($0, on: interface.index) }.filter { kernel.placed[$0] == .on }
            if !due.isEmpty { effects.append(.announce(due)) }
        }
    }
}
