import Raft

/// The VIP as a node's kernel has it.
struct Kernel {
    /// The term that it was put on for; nil when it is not there.
    private(set) var installed: Term?
    private(set) var refreshed: Nanoseconds = 0
    /// When the kernel takes it off by itself, if nothing refreshes it before.
    private(set) var lifetimeEnd: Nanoseconds = 0

    static let lifetime: ClosedRange<Nanoseconds> = .seconds(1)...(.seconds(1.27))
    /// A third of the lifetime.
    static let refreshInterval: Nanoseconds = .milliseconds(333)

    mutating func install(_ term: Term, at moment: Nanoseconds, lifetime: Nanoseconds) {
        installed = term
        refreshed = moment
        lifetimeEnd = moment + lifetime
    }

    mutating func remove() { installed = nil }
}
