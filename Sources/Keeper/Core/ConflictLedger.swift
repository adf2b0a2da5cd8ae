import Net
import Time

/// Which VIPs other machines claim, when they were defended, and what of it the log has been told.
///
/// Only VIPs that are held get in, so their number bounds it. RFC 5227 §2.4 (c): whoever will not give an address up
/// defends it, once in ten seconds at most, or two who both defend would do nothing else any more.
struct ConflictLedger: Hashable, Sendable {
    /// RFC 5227's DEFEND_INTERVAL, for each VIP.
    static let defendInterval = Duration.seconds(10)
    /// One line for a VIP in this time, however often it is claimed.
    static let noticeInterval = Duration.seconds(60)
    /// And so many lines for all VIPs together: another cluster may claim all of them.
    static let noticesPerInterval = 16

    private struct Entry: Hashable {
        var claims: UInt64 = 0
        /// Since the last line.
        var untold: UInt64 = 0
        var told: Instant?
    }

    private var entries: [IPAddress: Entry] = [:]
    private var defended: [IPAddress: Instant] = [:]
    /// Claimed again within the interval; when they may be defended next.
    private(set) var owed: [IPAddress: Instant] = [:]
    private var noticesBegan: Instant?
    private var notices = 0

    /// Counts a claim; returns how many there were of this VIP, and how many of them a line should tell of now.
    mutating func note(_ address: IPAddress, at now: Instant) -> (claims: UInt64, toTell: UInt64?) {
        var entry = entries[address] ?? Entry()
        entry.claims += 1
        entry.untold += 1
        defer { entries[address] = entry }
        let isTold = entry.told.map { !Deadline.timer($0 + Self.noticeInterval).hasPassed(at: now) } ?? false
        guard !isTold, takeNotice(at: now) else { return (entry.claims, nil) }
        defer { (entry.told, entry.untold) = (now, 0) }
        return (entry.claims, entry.untold)
    }

    /// Whether the VIP may be defended now. If not, it is when the interval is over: the claim has had its effect.
    mutating func mayDefend(_ address: IPAddress, at now: Instant) -> Bool {
        if let last = defended[address], !Deadline.timer(last + Self.defendInterval).hasPassed(at: now) {
            owed[address] = last + Self.defendInterval
            return false
        }
        defended[address] = now
        owed[address] = nil
        return true
    }

    /// What is owed and due, so many at most, which then counts as done.
    mutating func takeOwed(upTo count: Int, at now: Instant) -> [IPAddress] {
        if owed.isEmpty { return [] }
        let due = owed.filter { Deadline.timer($0.value).hasPassed(at: now) }.keys.prefix(count)
        for address in due { owed[address] = nil }
        return Array(due)
    }

    private mutating func takeNotice(at now: Instant) -> Bool {
        if noticesBegan.map({ Deadline.timer($0 + Self.noticeInterval).hasPassed(at: now) }) ?? true {
            (noticesBegan, notices) = (now, 0)
        }
        guard notices < Self.noticesPerInterval else { return false }
        notices += 1
        return true
    }
}
