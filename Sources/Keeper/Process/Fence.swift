import Linux
import Net
import Time

/// The fence in the kernel: opens, renews and closes the gates of `FenceRules`, and puts the rules back where others have
/// removed them.
///
/// Each transaction is made for the ruleset as it was after our last one. Where somebody has changed anything since, the
/// kernel refuses it, and the rules are looked at first: so no rule is missing for longer than until the next renewal.
final class Fence {
    /// So often a transaction is made again because others change the ruleset meanwhile; then it is made all the same.
    private static let attempts = 3

    private let nftables: Nftables
    private var rules: FenceRules
    private let dataDirectory: String
    private var found: [[NftablesRule]] = []
    /// Nil: somebody else may have changed something.
    private var generation: UInt32?
    private var ends: [Int: Instant] = [:]

    /// Takes over what an earlier run left, or removes it where the plan wants no fence.
    static func take(over directory: KeeperDirectory, _ plan: KeeperPlan) throws(KeeperRefusal) -> Fence? {
        guard plan.isFenced, !plan.groups.isEmpty else {
            try remove(from: directory)
            return nil
        }
        let rules = FenceRules(plan)
        try directory.noteFence(rules)
        return try Fence(rules, dataDirectory: plan.dataDirectory)
    }

    /// When all addresses are off, and without a word where there is none. The note of it may be lost with the rest of the
    /// data directory, and a fence that stays silences whoever has the VIP next: so the kernel is asked, too.
    static func remove(from directory: KeeperDirectory) throws(KeeperRefusal) {
        guard directory.hasFence || FenceRules(dataDirectory: directory.path, groups: []).stand() else { return }
        let nftables = try KeeperStart.refusing { () throws(NetlinkError) in try Nftables() }
        do throws(NftablesRefusal) {
            try nftables.perform(FenceRules.removal(dataDirectory: directory.path))
        } catch {
            throw KeeperRefusal("cannot remove the fence of an earlier run: \(error.errno)")
        }
        try directory.forgetFence()
    }

    private init(_ rules: FenceRules, dataDirectory: String) throws(KeeperRefusal) {
        self.rules = rules
        self.dataDirectory = dataDirectory
        nftables = try KeeperStart.refusing { () throws(NetlinkError) in try Nftables() }
        do throws(NftablesRefusal) {
            try putUp()
        } catch {
            throw KeeperRefusal(
                "cannot put up the fence\(Self.place(error, in: rules.putUp(open: [:]))): \(error.errno); `fence: nftables` "
                    + "needs nf_tables in the kernel, for inet and arp, with its fib expression "
                    + "(modules nf_tables and nft_fib_inet); or take `fence: none`"
            )
        }
    }

    private static func place(_ refusal: NftablesRefusal, in requests: [NftablesRequest]) -> String {
        refusal.request.map { ", at \(requests[$0])" } ?? ""
    }
}

// MARK: - Commands

extension Fence {
    func perform(_ command: FenceCommand) -> KernelAnswer {
        do throws(NftablesRefusal) {
            switch command {
            case .open(let group, let until): return .fenced(try set(group, until, rules.open))
            case .renew(let group, let until): return .fenced(try set(group, until, rules.renew))
            case .close(let groups): return .fenced(try close(groups))
            case .rebuild(let groups, let heirs): return .fenced(try rebuild(groups, heirs))
            }
        } catch {
            generation = nil
            guard case .renew(let group, _) = command, error.errno == .noEntry else {
                return .failed("\(error.errno)")
            }
            ends[group] = nil
            return .fenced(.hasClosed)
        }
    }

    private func set(
        _ group: Int,
        _ until: Instant,
        _ requests: (Int, UInt64) -> [NftablesRequest]
    ) throws(NftablesRefusal) -> FenceAnswer {
        var isRestored = false
        for attempt in 1...Self.attempts {
            if generation == nil, try restore() { isRestored = true }
            guard let time = FenceTime.milliseconds(until: until, at: Clock.now()) else { return .tooLate }
            do throws(NftablesRefusal) {
                try commit(requests(group, time), at: attempt < Self.attempts ? generation : nil)
                break
            } catch {
                guard error.errno == .outdated else { throw error }
                generation = nil
            }
        }
        ends[group] = until
        return .done(isRestored: isRestored)
    }

    /// All in one transaction: whatever is open stays so, and what is not known to be is closed.
    private func rebuild(_ groups: [[IPAddress]], _ heirs: [Int: Int]) throws(NftablesRefusal) -> FenceAnswer {
        let former = (rules, ends)
        rules = FenceRules(dataDirectory: dataDirectory, groups: groups)
        for (heir, donor) in heirs where ends[heir] == nil { ends[heir] = ends[donor] }
        do throws(NftablesRefusal) {
            try putUp()
        } catch {
            (rules, ends) = former
            throw error
        }
        return .done(isRestored: false)
    }

    /// Of rules that are gone no gate is open.
    private func close(_ groups: [Int]) throws(NftablesRefusal) -> FenceAnswer {
        for group in groups { ends[group] = nil }
        do throws(NftablesRefusal) {
            try commit(groups.flatMap { rules.close($0) }, at: nil)
        } catch {
            guard error.errno == .noEntry else { throw error }
            // One of the tables may be there all the same.
            for group in groups { for table in rules.tables { try close(group, in: table) } }
        }
        return .done(isRestored: false)
    }

    private func close(_ group: Int, in table: NftablesTable) throws(NftablesRefusal) {
        do throws(NftablesRefusal) {
            try commit(rules.close(group, in: table), at: nil)
        } catch {
            if error.errno != .noEntry { throw error }
        }
    }

    private func commit(_ requests: [NftablesRequest], at expected: UInt32?) throws(NftablesRefusal) {
        try nftables.perform(requests, at: expected)
        // 0 is skipped: to the kernel it means any.
        generation = expected.map { max($0 &+ 1, 1) }
    }
}

// MARK: - Rules that others touch

extension Fence {
    /// Whether the rules had to be put back. Gates that were open are open again: nobody was kept out meanwhile.
    private func restore() throws(NftablesRefusal) -> Bool {
        let (before, standing) = try look()
        guard standing != found else {
            generation = before
            return false
        }
        try putUp()
        return true
    }

    private func putUp() throws(NftablesRefusal) {
        let now = Clock.now()
        let requests = rules.putUp(open: ends.compactMapValues { FenceTime.milliseconds(until: $0, at: now) })
        try nftables.perform(requests)
        (generation, found) = try look()
        // Otherwise somebody was at them already.
        guard found.joined().count == requests.count(where: \.isRule) else {
            throw NftablesRefusal(errno: .outdated, request: nil)
        }
    }

    /// The ruleset's generation, and our rules as they were then or later.
    private func look() throws(NftablesRefusal) -> (UInt32, [[NftablesRule]]) {
        do throws(Errno) {
            let generation = try nftables.generation()
            var standing: [[NftablesRule]] = []
            for table in rules.tables { standing.append(try nftables.rules(of: table)) }
            return (generation, standing)
        } catch {
            throw NftablesRefusal(errno: error, request: nil)
        }
    }
}

extension NftablesRequest {
    fileprivate var isRule: Bool { if case .addRule = self { true } else { false } }
}
