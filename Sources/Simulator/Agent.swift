import Failover
import Raft
import Time

/// A running agent process: the real core and the real groups, and around them what `Sources/Agent` does.
///
/// An object, for the core is large: it is changed where it stands, and never copied.
final class Agent {
    enum Input {
        case datagram(Datagram)
        indirect case event(Event)
        /// The keeper says that the kernel has nothing of this term.
        case released(Term)
        case keeperGone
        /// The keeper was killed and awaited: it installs nothing more.
        case keeperBuried
        /// SIGTERM.
        case terminated
        /// The scribe says that the state cannot be written any more.
        case diskFailed
    }

    var raft: RaftNode
    var failover = Failover(groups: [Group(name: "vip", parts: ["vip"])])
    var sessions: Sessions
    var watch = KeeperWatch()

    /// It stops as soon as it has resigned.
    var isEnding = false
    /// The keeper was lost, and the kernel has let go of what it had installed.
    var areVIPsGone = false
    /// The longest that any hold was asked for, and when the fence has closed behind a keeper that is dead.
    var longestLease = Duration.zero
    var fenceEnd: Deadline?

    /// Events that came up while the core took a step.
    var events: [Event] = []
    var isStepping = false

    var wakesAt: Nanoseconds?
    /// When it should wake, or should have.
    var dueAt: Nanoseconds = .max
    /// SIGSTOP until then.
    var stoppedUntil: Nanoseconds = 0
    var inbox: [Input] = []
    /// Awakenings in a row that led to nothing.
    var idleWakes = 0

    init(raft: RaftNode, sessions: Sessions) {
        self.raft = raft
        self.sessions = sessions
    }

    /// What a socket's buffer and the pipes hold while nobody reads.
    static let inboxLimit = 400

    /// Whether its code stands still: stopped, or waiting for a processor although its time has come.
    func isFrozen(at moment: Nanoseconds) -> Bool {
        moment < stoppedUntil || moment - .milliseconds(1) > dueAt
    }
}

/// What the agent waits for from its keeper, as `Sources/Agent/KeeperWatch.swift` does it.
struct KeeperWatch {
    enum Question { case hold, release }

    private struct Owed {
        var count = 0
        /// Since when it waits for the next answer.
        var since: Nanoseconds = 0
    }

    static let patience: Nanoseconds = .milliseconds(500)
    /// Of it, what counts only while the agent runs.
    static let grace: Nanoseconds = .milliseconds(100)

    private var holds = Owed()
    private var releases = Owed()
    var isAlarmed = false
    /// It was killed, or is known to be gone: what it still says is not heard.
    private(set) var isCondemned = false
    var isLost = false

    /// When the oldest question has waited for too long, if nothing is answered before.
    var deadline: Nanoseconds? {
        guard !isCondemned else { return nil }
        return [holds, releases].filter { $0.count > 0 }.map { $0.since + Self.patience }.min()
    }

    mutating func expect(_ question: Question, at moment: Nanoseconds) {
        switch question {
        case .hold: Self.expect(&holds, at: moment)
        case .release: Self.expect(&releases, at: moment)
        }
    }

    private static func expect(_ owed: inout Owed, at moment: Nanoseconds) {
        if owed.count == 0 { owed.since = moment }
        owed.count += 1
    }

    mutating func settle(holds count: Int, at moment: Nanoseconds) {
        guard count > 0 else { return }
        holds = Owed(count: max(0, holds.count - count), since: moment)
    }

    /// One answer does for all that were asked for.
    mutating func settleReleases() { releases = Owed() }

    mutating func condemn() { isCondemned = true }
}
