import Raft
@testable import Simulator
import Storage
import Testing

/// Lives of a disk drawn from seeds: writes, crashes of process and machine, failed synchronizations, full disks, and
/// turned bits where they do no harm.
@Suite struct `A node's state on a disk that fails by chance` {
    @Test func `never loses what was called durable`() throws {
        let first = UInt64.random(in: 0...UInt64.max / 2)
        var crashes = 0
        for seed in first..<first + 1000 {
            var life = try Life(seed: seed)
            for _ in 0..<20 {
                do { try life.goOn() } catch {
                    Issue.record("\(error), seed \(seed)")
                    return
                }
            }
            crashes += life.crashes
        }
        #expect(crashes > 1000)
    }
}

private struct Life {
    struct Loss: Error {
        let found: StoredState?
        let bounds: Bounds
    }

    private var stage: Stage
    private var dice: Dice
    private(set) var crashes = 0

    init(seed: UInt64) throws {
        dice = Dice(seed: seed, stream: .plan)
        stage = Stage(seed: seed)
        try stage.fulfil(.open)
        try stage.fulfil(.life[1])
    }

    mutating func goOn() throws {
        switch dice.index(below: 8) {
        case 0: try stage.fulfil(.settle)
        case 1: try crash { (stage, dice) in stage.files.fuse = stage.files.randomFuse(&dice) }
        case 2: try crash { (stage, _) in stage.files.failsToSynchronize = true }
        case 3: try crash { (stage, _) in stage.files.isFull = true }
        case 4: try turnHarmlessBit()
        default: try stage.fulfil(wish())
        }
    }

    /// A write under a fault, and then a start of the process or the machine without it.
    private mutating func crash(_ fault: (inout Stage, inout Dice) -> Void) throws {
        let wish = dice.chance(0.2) ? Wish.open : wish()
        var done = stage
        try done.fulfil(wish)
        stage.files.history = done.files.history
        let bounds = Bounds(before: try stored(stage), after: try stored(done))
        fault(&stage, &dice)
        // A disk that is full or fails may not have been asked for what it cannot do.
        let failure = failure(of: wish)
        if failure == nil { try expect(try stored(stage), within: Bounds(before: bounds.after, after: bounds.after)) }
        if let failure, wish != .open { try expectToFail(as: failure) }
        stage.files.fuse = nil
        stage.files.failsToSynchronize = false
        stage.files.isFull = false
        if dice.chance(0.5) { stage.files.losePower(tearingSectors: false) }
        crashes += 1
        try stage.fulfil(.open)
        try expect(try stored(stage), within: bounds)
    }

    /// After an error the disk is never trusted again, however well it seems to do.
    private mutating func expectToFail(as failure: StoredOnDisk.Failure) throws {
        var mended = stage
        mended.files.fuse = nil
        mended.files.failsToSynchronize = false
        mended.files.isFull = false
        swap(&mended, &stage)
        for wish in [Wish.settle, .write(Persistence(number: 9))] where self.failure(of: wish) != failure {
            throw failure
        }
        swap(&mended, &stage)
    }

    private mutating func failure(of wish: Wish) -> StoredOnDisk.Failure? {
        do throws(StoredOnDisk.Failure) { try stage.fulfil(wish) } catch { return error }
        return nil
    }

    private mutating func turnHarmlessBit() throws {
        let before = try stored(stage)
        stage.files.turnBit(4096 * 8 + dice.index(below: 4096), of: .state)
        try stage.fulfil(.open)
        try expect(try stored(stage), within: Bounds(before: before, after: before))
    }

    private func expect(_ found: StoredState, within bounds: Bounds) throws {
        guard bounds.allow(found) else { throw Loss(found: found, bounds: bounds) }
    }

    private func stored(_ stage: Stage) throws -> StoredState { try #require(stage.state).stored }
}

extension Life {
    /// Something that the core might ask for.
    private mutating func wish() -> Wish {
        guard let stored = stage.state?.stored else { return .open }
        switch dice.index(below: 6) {
        case 0: return .write(Persistence(number: 1))
        case 1, 2: return .write(Persistence(number: 1, hardState: nextHardState(stored)))
        case 3: return .write(snapshot(stored))
        default: return .write(news(stored))
        }
    }

    private mutating func nextHardState(_ stored: StoredState) -> HardState {
        hardState(stored.hardState.term.number + 1, vote: dice.chance(0.5) ? "n\(1 + dice.index(below: 3))" : nil)
    }

    /// Behind the log, or in the place of a part of it.
    private mutating func news(_ stored: StoredState) -> Persistence {
        let log = stored.log
        let isConflict = dice.chance(0.3) && !log.entries.isEmpty
        let keep = log.lastIndex.number - UInt64(isConflict ? dice.index(below: log.entries.count + 1) : 0)
        let hardState = isConflict || dice.chance(0.2) ? nextHardState(stored) : nil
        let term = hardState?.term ?? stored.hardState.term
        let count = UInt64(1 + dice.index(below: 5))
        let news = entries(keep + 1...keep + count, term: term.number, bytes: dice.index(below: 257))
        return Persistence(number: 1, hardState: hardState, keep: LogIndex(keep), entries: news)
    }

    private mutating func snapshot(_ stored: StoredState) -> Persistence {
        let log = stored.log
        let index = LogIndex(log.snapshot.index.number + UInt64(dice.index(below: log.entries.count + 1)))
        let snapshot = Snapshot(index: index, term: log.term(at: index) ?? Term(0), state: log.snapshot.state)
        return Persistence(number: 1, snapshot: snapshot, keep: index, entries: Array(log.entries(after: index)))
    }
}
