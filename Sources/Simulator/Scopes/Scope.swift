import Raft
import Time

/// Where an exploration begins, and what may happen in it: three nodes, and all that can go on around one heartbeat round.
///
/// Names order campaigns, so no node can stand for another: there is no symmetry between them to make use of. That the
/// order of datagrams under way does not matter is the one symmetry there is.
package enum Scope: String, CaseIterable, Sendable {
    /// Three empty disks: the founding and the first election.
    case founding
    /// A cluster that nobody leads, and nobody owes anything.
    case fresh
    /// n2 is about to give n1 its vote, may crash over it, and is asked by n3 as well.
    case ballot
    /// The leader has its lease from n2 alone; n3, cut off for a promise, campaigns.
    case lease
    /// The same, as the lease runs out and the leader's agent has not moved since.
    case expiry
    /// The same, as n2 crashes inside its promise (row 16 of the known failures).
    case restart
    /// The leader resigns: releases and `timeoutNow` come late, in any order, twice (row 17).
    case handover
    /// The leader is gone for good; both others are free and campaign at once (row 18).
    case candidates
    /// The leader has its lease from n2; n3 comes back with a term of its own that is newer.
    case newerTerm = "newer-term"
    /// The leader's agent dies; its keeper cleans up and sends the last will.
    case will
}

extension Scope {
    /// Few moments in a promise: a heartbeat every two fifths of it.
    private static let timing = Timing(
        heartbeat: .milliseconds(100),
        promise: .milliseconds(250),
        withdrawal: .milliseconds(10),
        slot: .milliseconds(10)
    )

    /// The leader's clock as slow and the voters' as fast as the lease allows for.
    private static let rates: [Int64] = [999_000, 1_001_000, 1_001_000]

    /// Who may crash.
    private var mortals: [Int] {
        switch self {
        case .lease, .expiry, .handover: []
        case .will: [0]
        case .ballot, .restart: [1]
        case .newerTerm: [2]
        case .candidates: [1, 2]
        case .founding, .fresh: [0, 1, 2]
        }
    }

    private var allowance: Allowance {
        switch self {
        case .founding, .ballot, .restart, .newerTerm: Allowance(crashes: 1, restarts: 1)
        case .fresh, .candidates, .will: Allowance(crashes: 1, restarts: 1, duplicates: 1)
        case .lease: Allowance(duplicates: 1)
        case .expiry: Allowance()
        case .handover: Allowance(duplicates: 1, resignations: 1)
        }
    }

    /// The world at the beginning, with a planted mistake or without, and judged by some rules or all.
    func world(_ slip: Slip? = nil, judging rules: Set<Violation.Rule>? = nil) -> World {
        let setting = World.Setting(
            nodes: 3,
            timing: Self.timing,
            rates: Self.rates,
            slip: slip,
            mortals: mortals,
            rules: rules
        )
        var world = World(setting, disks: self == .founding ? setting.empty : setting.founded)
        prepare(&world)
        world.allowance = allowance
        return world
    }

    private func prepare(_ world: inout World) {
        switch self {
        case .founding: break
        case .fresh: world.settle { $0.isDue(0) }
        case .ballot: world.askForVote()
        case .lease, .restart: world.leadWithoutThird()
        case .expiry: world.letLeaseRunOut()
        case .handover, .will: world.lead()
        case .candidates: world.loseLeader()
        case .newerTerm: world.bringBackCandidate()
        }
    }
}
