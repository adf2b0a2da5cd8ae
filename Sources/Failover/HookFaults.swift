import Time

/// Hooks that failed with `on_failure: abort`, and for how long that keeps this node from the VIPs.
///
/// A failed BeforeMaster or ToMaster does so for a cooldown, which doubles each time that the hook fails in a row: where it
/// fails on every node, the VIPs do not circle for ever. A failed ToSlave does so until the hook has succeeded, for what it
/// should have undone may still be there; it is run again after the cooldown. So is a failed ToMaster of a group that stays
/// here all the same.
struct HookFaults: Hashable, Sendable {
    struct Key: Hashable, Sendable {
        let group: String
        let hook: GroupHook
    }

    private enum State: Hashable, Sendable {
        case until(Instant)
        /// It is being run again.
        case retrying
        /// Only the number of failures is remembered.
        case over
    }

    private struct Fault: Hashable, Sendable {
        var reason: String
        var state: State
        var failures: Int
        var cooldown: Duration
    }

    /// Cooldowns stop growing here.
    static let mostDoublings = 5

    /// Of the first failure.
    var cooldown: Duration
    private var faults: [Key: Fault] = [:]

    init(cooldown: Duration) { self.cooldown = cooldown }

    /// Returns for how long.
    mutating func note(_ key: Key, reason: String, at now: Instant) -> Duration {
        let failures = (faults[key]?.failures ?? 0) + 1
        let length = cooldown * (1 << min(failures - 1, Self.mostDoublings))
        faults[key] = Fault(reason: reason, state: .until(now + length), failures: failures, cooldown: length)
        return length
    }

    /// Whoever has become master in good order has undone what a failed ToSlave left.
    mutating func forgive(_ key: Key) {
        faults[key] = nil
        if key.hook == .toMaster { faults[Key(group: key.group, hook: .toSlave)] = nil }
    }

    /// A hook that was run again ended otherwise than it should.
    mutating func pass(_ key: Key, at now: Instant) {
        guard let fault = faults[key], fault.state == .retrying else { return }
        faults[key]?.state = key.hook == .toSlave ? .until(now + fault.cooldown) : .over
    }

    /// Those whose cooldown is over.
    mutating func expire(at now: Instant) -> [Key] {
        let due = faults.filter { _, fault in
            if case .until(let end) = fault.state { Deadline.timer(end).hasPassed(at: now) } else { false }
        }
        for key in due.keys { faults[key]?.state = .over }
        return due.keys.sorted()
    }

    /// Only these groups are there any more.
    mutating func follow(_ groups: Set<String>) { faults = faults.filter { groups.contains($0.key.group) } }

    mutating func retry(_ key: Key) { faults[key]?.state = .retrying }

    /// What is not possible now, such as a ToSlave while the group is held, is looked at again later.
    mutating func postpone(_ key: Key, at now: Instant) {
        guard let fault = faults[key] else { return }
        faults[key]?.state = .until(now + fault.cooldown)
    }

    private var present: [Key: Fault] { faults.filter { $0.value.state != .over } }

    var isEmpty: Bool { present.isEmpty }

    /// Why this node should not hold the group; nil where no hook is in the way.
    func fault(of group: String, at now: Instant? = nil) -> String? {
        let own = present.filter { $0.key.group == group }
        guard let (key, fault) = own.min(by: { $0.key < $1.key }) else { return nil }
        let start = "its hook \(key.hook.rawValue) failed: \(fault.reason)"
        guard let now else { return start }
        switch fault.state {
        case .over: return nil
        case .retrying: return start + "; it is being run again"
        case .until(let end):
            let left = (max(0, Deadline.timer(end).remaining(at: now).nanoseconds) + 999_999_999) / 1_000_000_000
            return start + (key.hook == .toSlave ? "; it is run again in \(left) s" : "; eligible again in \(left) s")
        }
    }

    /// Why this node should hold nothing.
    var fault: String? { present.keys.min().flatMap { fault(of: $0.group) } }

    var next: Instant? {
        faults.values.compactMap { if case .until(let end) = $0.state { end } else { nil } }
            .min { $0.boottime < $1.boottime }
    }
}

extension HookFaults.Key: Comparable {
    static func < (one: Self, other: Self) -> Bool {
        (one.group, one.hook.rawValue) < (other.group, other.hook.rawValue)
    }
}
