import Net
import Raft
import Time

/// A small cluster at one moment: a value, so that every way on from it can be tried.
///
/// The model. True time is one number that only `timePasses` moves, and only to the next moment at which something becomes
/// due; between two of those moments no node sees a difference. Clocks run at the rates of the setting, and what is due may
/// be done at any moment from then on: a process may be late for ever, never early. Two things are never late: a kernel has
/// let go of an address D after the end of its lease, which is the assumption behind the lease, and the present moment.
/// Datagrams arrive whenever they like, in any order, or never; writes become durable in order, whenever they like.
struct World {
    /// What stays the same over a whole story.
    final class Setting {
        let settings: [Settings]
        let storages: [StorageID]
        let clocks: [NodeClock]
        let slip: Slip?
        /// Who may crash. Their writes are durable at any moment; those of the others at once, for the order of a write
        /// and a crash is what counts: that a write may be late delays messages, which may be late anyway.
        let mortals: [Int]
        /// What is judged; nil: everything.
        let rules: Set<Violation.Rule>?
        /// Of the cores' jitter.
        let seed: UInt64

        init(
            nodes count: Int,
            timing: Timing,
            rates: [Int64] = [],
            slip: Slip? = nil,
            mortals: [Int],
            rules: Set<Violation.Rule>? = nil,
            seed: UInt64 = 0
        ) {
            let nodes = (1...count).compactMap { number in
                NodeID("n\(number)").map {
                    ConfiguredNode(id: $0, endpoint: Endpoint(address: .v4(0x0a00_0000 + UInt32(number)), port: 7946))
                }
            }
            let fitness = Fitness(priority: 100, mayHold: true)
            settings = nodes.map { Settings(id: $0.id, nodes: nodes, timing: timing, fitness: fitness) }
            storages = nodes.indices.map { StorageID(UInt128($0 + 1)) }
            clocks = nodes.indices.map { node in
                let rate = rates.indices.contains(node) ? rates[node] : 1_000_000
                return NodeClock(
                    startedAt: 0,
                    showing: Instant(boottime: 0, raw: 0),
                    rates: NodeClock.Rates(boottime: rate, raw: rate)
                )
            }
            self.slip = slip
            self.rules = rules
            self.seed = seed
            self.mortals = mortals
        }

        var timing: Timing { settings[0].timing }
    }

    let setting: Setting
    var moment: Nanoseconds = 0
    var hosts: [Kept<Host>]
    var underWay: [Kept<Letter>] = []
    private var keptLedger = Kept(Ledger())
    var allowance = Allowance()
    var violation: Violation?

    /// Everybody is started at once, each with what is on its disk.
    init(_ setting: Setting, disks: [ModelDisk]) {
        self.setting = setting
        hosts = disks.map { Kept(Host(disk: $0)) }
        for node in hosts.indices { boot(node) }
    }

    var ledger: Ledger {
        get { keptLedger.value }
        set { if newValue != keptLedger.value { keptLedger = Kept(newValue) } }
    }

    func now(at node: Int) -> Instant { setting.clocks[node].reading(at: moment) }

    func isDue(_ node: Int) -> Bool { hosts[node].value.isDue(at: now(at: node)) }

    /// Everything that decides how the world goes on. The order of the datagrams under way does not.
    var digest: Int {
        var hasher = Hasher()
        hasher.combine(moment)
        for host in hosts { hasher.combine(host.digest) }
        hasher.combine(underWay.reduce(into: 0) { $0 &+= $1.digest })
        hasher.combine(underWay.reduce(into: 0) { $0 ^= $1.digest })
        hasher.combine(keptLedger.digest)
        hasher.combine(allowance)
        return hasher.finalize()
    }

    /// Only the first violation counts: what follows from it is noise.
    mutating func violate(_ rule: Violation.Rule, _ detail: String) {
        guard violation == nil, setting.rules?.contains(rule) ?? true else { return }
        violation = Violation(rule: rule, detail: detail, at: moment)
    }

    mutating func judge(_ breach: Ledger.Breach?) {
        if let breach { violate(breach.rule, breach.detail) }
    }

    mutating func change(_ node: Int, _ body: (inout Host, Setting) -> Void) {
        if !isKnownUniquelyReferenced(&hosts[node]) { hosts[node] = Kept(hosts[node].value) }
        hosts[node].change { body(&$0, setting) }
    }
}

extension World.Setting {
    /// The disks of a cluster that was just founded.
    var founded: [ModelDisk] {
        let members = zip(settings, storages).compactMap { settings, storage in
            settings.nodes.first { $0.id == settings.id }.map {
                Member(id: settings.id, storage: storage, endpoint: $0.endpoint)
            }
        }
        let founders = Membership(voters: members)
        var state = HardState.empty
        state.cluster = RaftNode.clusterID(of: founders)
        let founding = RaftNode.founding(founders)
        return empty.map { disk in
            var disk = disk
            disk.accept(Persistence(number: 1, hardState: state, snapshot: founding, keep: founding.index))
            _ = disk.complete()
            return disk
        }
    }

    var empty: [ModelDisk] { storages.map { ModelDisk(storage: $0) } }
}
