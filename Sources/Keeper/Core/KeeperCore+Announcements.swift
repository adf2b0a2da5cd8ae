import Linux
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
            let batch = groups[index].fresh.prefix(Self.freshAtOnce).filter { isServing($0, at: now) }
            if !batch.isEmpty { effects.append(.announce(batch)) }
            groups[index].fresh = groups[index].fresh.dropFirst(Self.freshAtOnce)
            groups[index].freshSince = now
            guard groups[index].fresh.isEmpty else { continue }
            groups[index].announcements = AnnouncementSchedule(plan.announcing, from: now, isFirstRoundOut: true)
        }
    }

    /// One batch of one group in a step, for the clock is looked at between steps; of several the one that waits longest.
    mutating func announceDue(at now: Instant) {
        for index in groups.indices where groups[index].announcesAnew { beginAnew(index, at: now) }
        let waiting = groups.indices.filter { isActive($0, at: now) && groups[$0].nextAnnouncement != nil }
        let next = waiting.min { wait(of: $0, at: now) < wait(of: $1, at: now) }
        guard let next else { return }
        // Taken even where nothing can be sent, or the same round would be due for ever.
        let round = groups[next].takeAnnouncements(at: now)
        guard let interface = kernel.interfaces[groups[next].settings.interface], interface.isUp, interface.isUsable
        else { return }
        let due = round.map { Placement($0, on: interface.index) }.filter { isServing($0, at: now) }
        if !due.isEmpty { effects.append(.announce(due)) }
    }

    /// Not lost meanwhile, and not behind a fence that has shut.
    private func isServing(_ placement: Placement, at now: Instant) -> Bool {
        kernel.placed[placement] == .on && isWanted(placement, at: now)
    }

    private func wait(of index: Int, at now: Instant) -> Duration {
        groups[index].nextAnnouncement.map { Deadline.timer($0).remaining(at: now) } ?? .zero
    }
}

// MARK: - All of it again

extension KeeperCore {
    /// At link up, at the agent's word, after a stall: every VIP first, then the repeats, as when the group came on.
    mutating func announceAnew(on interface: InterfaceIndex) {
        guard let name = kernel.watchedInterface(interface)?.name else { return }
        for index in groups.indices where groups[index].settings.interface == name {
            groups[index].announcesAnew = true
        }
    }

    private mutating func beginAnew(_ index: Int, at now: Instant) {
        groups[index].announcesAnew = false
        // Nothing is on yet: all will be announced as it comes.
        guard groups[index].announcements != nil else { return }
        groups[index].announcements = AnnouncementSchedule(plan.announcing, from: now, isFirstRoundOut: false)
        groups[index].round = []
        groups[index].roundResumes = nil
    }

    /// A keeper that did not run for a while, with a lease that outlasted it, knows nothing of what the neighbours have
    /// learnt meanwhile.
    mutating func noticeStall(at now: Instant) {
        let late = nextDeadline(at: now).map { .zero - $0.remaining(at: now) } ?? .zero
        let slept = lastStep.map { now.longestElapsed(since: $0) - now.shortestElapsed(since: $0) } ?? .zero
        lastStep = now
        guard max(late, slept) > Self.stall else { return }
        // What is late because a command takes its time stays late for some steps.
        if let lastStall, now.longestElapsed(since: lastStall) < AnnouncementSchedule.pause { return }
        lastStall = now
        for index in groups.indices where groups[index].hold != nil { groups[index].announcesAnew = true }
    }

    /// How late the keeper may be, or how long the machine may have slept, before it counts as a stall.
    static let stall = Duration.seconds(1)
}
