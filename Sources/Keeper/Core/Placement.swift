import Linux
import Net

/// An address with its prefix on an interface: what the kernel is asked to set or to remove.
struct Placement: Hashable, Sendable {
    var interface: InterfaceIndex
    var prefix: Prefix

    init(_ prefix: Prefix, on interface: InterfaceIndex) {
        self.interface = interface
        self.prefix = prefix
    }
}

extension Placement: Comparable {
    static func < (a: Placement, b: Placement) -> Bool { a.rank < b.rank }

    private var rank: (UInt32, Int, UInt128, Int) {
        let number: UInt128 =
            switch prefix.address {
            case .v4(let value): UInt128(value)
            case .v6(let value): value
            }
        return (interface.rawValue, prefix.address.bitWidth, number, prefix.length)
    }
}

/// An address that a dump shows.
struct StandingAddress: Hashable, Sendable {
    var placement: Placement
    /// Without a lifetime.
    var isPermanent: Bool
    /// Carries our `IFA_PROTO`.
    var isTagged: Bool
    /// Duplicate detection has failed: the kernel does not use it (`IFA_F_DADFAILED`).
    var isDuplicate = false
    /// Duplicate detection is running: the kernel does not use it yet (`IFA_F_TENTATIVE`).
    var isTentative = false
}

/// An interface as a dump or an event shows it.
struct Interface: Hashable, Sendable {
    var index: InterfaceIndex
    var name: String
    /// Switched on (`IFF_UP`), whether or not there is a carrier.
    var isUp: Bool
    var hardwareAddress: MACAddress?
    /// Up, with a carrier, and operational: before that the kernel takes frames and drops them without a word.
    var isUsable = true
    /// The bridge or bond that takes its frames.
    var portOf: InterfaceIndex?
    /// Why it cannot carry a VIP, whatever its state.
    var objection: String?
}
