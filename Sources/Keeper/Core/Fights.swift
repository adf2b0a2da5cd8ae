import Net
import Time

/// What others have done lately to the VIPs of a group, and how long to wait before a VIP is put back.
///
/// The first touches are answered at once. Who takes a VIP off again and again is a program that will not stop, and to
/// answer each time would cost both of us a processor and the neighbours a storm of announcements: from the sixth time
/// within ten seconds on there is a pause, which grows. It stays below a fifth of those ten seconds, so that a fight which
/// goes on is still seen as one.
struct Fights: Hashable, Sendable {
    /// Answered at once within `window`.
    static let tolerance = 5
    static let window = Duration.seconds(10)
    static let pauses: ClosedRange<Duration> = .milliseconds(100)...(.milliseconds(1900))

    private struct Record: Hashable, Sendable {
        /// The latest touches, oldest first; one more than are tolerated at most.
        var recent: [Instant] = []
        var count = 0
        /// The last pause; nil while every touch is answered at once.
        var pause: Duration?
    }

    private var records: [Prefix: Record] = [:]
    private var resumptions: [Prefix: Instant] = [:]
    private var latest: Instant?
    private var fought: Prefix?
    private var author = Author.unknown

    /// The VIP that was touched last of those that are fought over, by whom, and how often.
    var fight: (vip: Prefix, author: Author, count: Int)? {
        fought.map { ($0, author, records[$0]?.count ?? 0) }
    }

    /// Notes a touch and returns the pause before the answer; nil to answer at once.
    mutating func note(_ vip: Prefix, by author: Author, at now: Instant) -> Duration? {
        var record = records[vip] ?? Record()
        record.recent.removeAll { Deadline.timer($0 + Self.window).hasPassed(at: now) }
        if record.recent.isEmpty { record = Record() }
        record.recent = record.recent.suffix(Self.tolerance) + [now]
        record.count += 1
        if record.pause != nil || record.recent.count > Self.tolerance {
            record.pause = record.pause.map { min($0 * 2, Self.pauses.upperBound) } ?? Self.pauses.lowerBound
        }
        latest = now
        records[vip] = record
        guard let pause = record.pause else { return nil }
        (fought, self.author) = (vip, author)
        resumptions[vip] = now + pause
        return pause
    }

    /// The group has no other VIPs any more.
    mutating func forgetOthers(than vips: Set<Prefix>) {
        records = records.filter { vips.contains($0.key) }
        resumptions = resumptions.filter { vips.contains($0.key) }
        if let fought, !vips.contains(fought) { self.fought = nil }
    }

    func isPaused(_ vip: Prefix) -> Bool { resumptions[vip] != nil }

    /// The VIPs whose pause is over.
    mutating func takeResumed(at now: Instant) -> [Prefix] {
        guard !resumptions.isEmpty else { return [] }
        let due = resumptions.filter { Deadline.timer($0.value).hasPassed(at: now) }.keys
        for vip in due { resumptions[vip] = nil }
        return Array(due)
    }

    /// Forgets everything when nobody has touched anything for `window`; returns whether a fight has so ended.
    mutating func calm(at now: Instant) -> Bool {
        guard let latest, resumptions.isEmpty, Deadline.timer(latest + Self.window).hasPassed(at: now) else {
            return false
        }
        defer { self = Fights() }
        return fought != nil
    }

    /// When the next pause or all of it is over; nil where nothing has happened.
    var next: Instant? {
        resumptions.values.min { $0.boottime < $1.boottime } ?? latest.map { $0 + Self.window }
    }
}
