package import Raft

/// A timing by the name that a configuration gives it.
package enum Profile: String, Hashable, Sendable, CaseIterable {
    case lan, fast, turbo, wan

    package var timing: Timing {
        switch self {
        case .lan: .lan
        case .fast: .fast
        case .turbo: .turbo
        case .wan: .wan
        }
    }
}
