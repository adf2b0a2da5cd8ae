import Raft

/// The VIP as a node's kernel has it, and the fence before it.
struct Kernel {
    /// The term that it was put on for; nil when it is not there.
    private(set) var installed: Term?
    private(set) var refreshed: Nanoseconds = 0
    /// When the kernel takes it off by itself, if nothing refreshes it before.
    private(set) var lifetimeEnd: Nanoseconds = 0
    /// When the fence closes by itself; nil: there is no fence.
    private(set) var fenceEnd: Nanoseconds?

    init(hasFence: Bool = false) { fenceEnd = hasFence ? 0 : nil }

    /// Measured with 1 s; with a fence the lifetime is 10 s.
    static let lifetime: ClosedRange<Nanoseconds> = .seconds(1)...(.seconds(1.27))
    static let fencedLifetime: ClosedRange<Nanoseconds> = .seconds(10)...(.seconds(11))
    /// A third of the lifetime.
    static let refreshInterval: Nanoseconds = .milliseconds(333)
    /// When the keeper does that by itself, where no hold has led to it.
    static let renewalInterval: Nanoseconds = .milliseconds(600)

    /// Whether somebody who asks for the VIP gets an answer from here.
    func answers(at moment: Nanoseconds) -> Bool { installed != nil && isOpen(at: moment) }

    func isOpen(at moment: Nanoseconds) -> Bool { fenceEnd.map { moment < $0 } ?? true }

    mutating func install(_ term: Term, at moment: Nanoseconds, lifetime: Nanoseconds) {
        installed = term
        refreshed = moment
        lifetimeEnd = moment + lifetime
    }

    mutating func remove() { installed = nil }

    /// Opens the fence, or renews it in one transaction, which fails whole when it has closed meanwhile: so nobody who was
    /// stopped before can open it once more for an address that is still there.
    mutating func openFence(until end: Nanoseconds, at moment: Nanoseconds) -> Bool {
        guard fenceEnd != nil else { return true }
        guard installed == nil || isOpen(at: moment) else { return false }
        fenceEnd = end
        return true
    }

    mutating func closeFence(at moment: Nanoseconds) { fenceEnd = fenceEnd.map { min($0, moment) } }

    /// The machine stands still: its kernel counts no time.
    mutating func standStill(for span: Nanoseconds) {
        lifetimeEnd += span
        fenceEnd = fenceEnd.map { $0 + span }
    }
}
