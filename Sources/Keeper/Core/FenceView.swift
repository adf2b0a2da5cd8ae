import Linux
import Net
import Time

/// What is asked of the fence; groups go by their place in the plan.
enum FenceCommand: Hashable, Sendable {
    /// For a group that has no address on.
    case open(group: Int, until: Instant)
    /// Refused where the fence has closed meanwhile: whoever was frozen on the way cannot open it again.
    case renew(group: Int, until: Instant)
    case close(groups: [Int])
    /// Has these addresses of each group from now on. The gate of a group with an heir is open for the heir, too.
    case rebuild([[IPAddress]], heirs: [Int: Int])
}

enum FenceAnswer: Hashable, Sendable {
    /// `isRestored`: somebody else had removed the rules, and they are there again.
    case done(isRestored: Bool)
    /// To `renew`: it has closed by itself.
    case hasClosed
    /// Nothing was asked of the kernel, since too little time is left.
    case tooLate
}

/// How long the fence may stay open.
enum FenceTime {
    /// Whole milliseconds for the kernel, which counts them by a clock that may be slewed by a tenth: 0.9 of what is left,
    /// and 0.9 · 1.1 is below 1. Nil where that is less than the kernel can count.
    static func milliseconds(until end: Instant, at now: Instant) -> UInt64? {
        let left = Deadline.either(end).remaining(at: now).nanoseconds
        guard left > 0 else { return nil }
        let milliseconds = UInt64(left / 10 * 9 / 1_000_000)
        return milliseconds < NftablesRequest.Limit.shortestTime ? nil : milliseconds
    }
}

/// What the keeper believes of its fence, a gate for each group.
struct FenceView: Hashable, Sendable {
    enum Gate: Hashable, Sendable {
        case closed
        /// Asked to open and not answered, or something went wrong: it is closed before anything else.
        case uncertain
        /// Closes by itself before that end; to be renewed earlier.
        case open(until: Instant, renewal: Instant?)
    }

    var gates: [Gate]
    /// After a failure to close.
    var restsUntil: Instant?
    /// The rules are to have other addresses: nothing new goes on before.
    var owesRules = false
    var rulesRestUntil: Instant?
    /// They could not be changed, at one try after the other.
    var rulesFailingSince: Instant?
    /// Whose gate a new group's is until the rules know it.
    var heirs: [Int: Int] = [:]

    /// A new group goes through the gate of the one whose VIPs it has; without, its own is closed.
    mutating func pass(the donor: Int?, to heir: Int) {
        gates[heir] = donor.map { gates[$0] } ?? .closed
        heirs[heir] = donor
    }

    init(groups: Int) { gates = Array(repeating: .closed, count: groups) }
}
