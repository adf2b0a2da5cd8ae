import Time

/// Tells the neighbours of what is on and held, and of nothing else.
extension KeeperCore {
    /// The first frames of each VIP leave when the last of the group is on, or after `firstFrames` where there are many:
    /// two frames take the kernel as long as an address. So many at a time that the clock is looked at between them; the
    /// repeats follow.
    mutating func announceFresh(at now: Instant) {
        for index in groups.indices where isActive(index, at: now) && !groups[index].fresh.isEmpty {
            let isDue = groups[index].freshSince.map { now.longestElapsed(since: $0) >= Self.firstFrames } ?? true
            guard isDue || isDone(index) else { continue }
            let batch = groups[index].fresh.prefix(Self.freshAtOnce).filter { kernel.placed[$0] == .on }
            if !batch.isEmpty { effects.append(.announce(batch)) }
            groups[index].fresh = groups[index].fresh.dropFirst(Self.freshAtOnce)
            groups[index].freshSince = now
            guard groups[index].fresh.isEmpty else { continue }
            groups[index].announcements = AnnouncementSchedule(plan.announcing, from: now, isFirstRoundOut: true)
        }
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
