import Net
import Raft
@testable import Simulator
import Storage

typealias StoredOnDisk = DurableState<SimulatedFiles>

let founders = Membership(
    voters: (1...3).compactMap { number in
        NodeID("n\(number)").map {
            Member(id: $0, storage: StorageID(UInt128(number)), endpoint: Endpoint(address: .v4(1), port: 1))
        }
    }
)

func hardState(_ term: UInt64, vote: String? = nil) -> HardState {
    HardState(
        term: Term(term),
        vote: vote.flatMap { NodeID($0) },
        longestPromise: .milliseconds(250),
        cluster: ClusterID(0xc1)
    )
}

func entries(_ range: ClosedRange<UInt64>, term: UInt64, bytes: Int = 200) -> [LogEntry] {
    range.map { LogEntry(index: LogIndex($0), term: Term(term), payload: .data(Array(repeating: 7, count: bytes))) }
}

func append(_ news: [LogEntry], _ hardState: HardState? = nil) -> Persistence {
    let keep = news.first.map { LogIndex($0.index.number - 1) }
    return Persistence(number: 1, hardState: hardState, keep: keep, entries: news)
}

/// What is asked of a disk in a node's life, one after the other.
enum Wish: Hashable, Sendable {
    case open
    case write(Persistence)
    case settle
    case recover

    static let life: [Wish] = [
        .open,
        .write(
            Persistence(
                number: 1,
                hardState: hardState(0),
                snapshot: RaftNode.founding(founders),
                keep: LogIndex(1)
            )
        ),
        .settle,
        .write(Persistence(number: 2, hardState: hardState(4, vote: "n1"))),
        // Before the slots are alike again.
        .write(Persistence(number: 3, hardState: hardState(5, vote: "n2"))),
        .settle,
        .write(append(entries(2...3, term: 5))),
        // Over several sectors.
        .write(append(entries(4...9, term: 5))),
        .write(append(entries(10...11, term: 6), hardState(6))),
        .write(Persistence(number: 7)),
        // A conflict with the leader.
        .write(append(entries(8...8, term: 7), hardState(7))),
        .write(
            Persistence(
                number: 9,
                snapshot: Snapshot(index: LogIndex(7), term: Term(5), state: ClusterState(membership: founders)),
                keep: LogIndex(7),
                entries: entries(8...8, term: 7)
            )
        ),
        .write(append(entries(9...9, term: 7))),
        .settle,
        .open,
        .recover,
        .open,
    ]
}

/// A disk, and what the scribe that writes it knows.
struct Stage {
    var files: SimulatedFiles
    var state: StoredOnDisk?

    init(seed: UInt64 = 0) { files = SimulatedFiles(dice: Dice(seed: seed, stream: .disk)) }

    mutating func fulfil(_ wish: Wish) throws(StoredOnDisk.Failure) {
        files.history = []
        switch wish {
        case .open: state = try StoredOnDisk(in: &files) { StorageID(9) }
        case .write(let write): try state?.write(write, to: &files)
        case .settle: try state?.settle(&files)
        case .recover:
            guard let id = NodeID("n2") else { return }
            let node = ConfiguredNode(id: id, endpoint: Endpoint(address: .v4(2), port: 2))
            try state?.recover(as: node, cluster: ClusterID(0xc2), in: &files)
        }
    }

    var bytes: [[UInt8]?] { StoredFile.allCases.map { files.read($0) } }
}

/// What may be found when a crash came between two states: never less than the first.
struct Bounds {
    let before: StoredState?
    let after: StoredState

    func allow(_ found: StoredState?) -> Bool {
        guard let found else { return before == nil }
        guard let before else { return found.hardState == .empty && found.log == Log() }
        return hardStates(before).contains(found.hardState) && logs(before).contains(found.log)
            && found.storage == before.storage
    }

    private func hardStates(_ before: StoredState) -> [HardState] {
        var middle = after.hardState
        middle.cluster = before.hardState.cluster
        return [before.hardState, middle, after.hardState]
    }

    /// The old or the new one, and of what was appended any part.
    private func logs(_ before: StoredState) -> [Log] {
        let news = after.log.entries.drop { $0.index <= before.log.lastIndex }
        let follows = after.log.snapshot == before.log.snapshot && after.log.entries.starts(with: before.log.entries)
        guard follows else { return [before.log, after.log] }
        return (0...news.count).map { count in
            Log(snapshot: before.log.snapshot, entries: before.log.entries + news.prefix(count))
        }
    }
}
