import Net
import Raft
@testable import Simulator
import Storage
import Testing

@Suite struct `A node's state on a disk that crashes` {
    /// Every act of every write is cut at every byte, and of what was not synchronized is left nothing, everything, or
    /// any part in between.
    @Test(arguments: Wish.life.indices) func `is the old or the new one, or says that it is damaged`(place: Int) throws
    {
        var stage = Stage()
        for wish in Wish.life[..<place] { try stage.fulfil(wish) }
        var done = stage
        try done.fulfil(Wish.life[place])
        let bounds = Bounds(before: stage.state?.stored, after: try #require(done.state).stored)
        var seen: Set<[[UInt8]?]> = []
        for (number, act) in done.files.history.enumerated() {
            for bytes in cuts(of: act, isDraft: done.files.history.dropFirst(number + 2).first == .rename) {
                var cut = stage
                cut.files.fuse = SimulatedFiles.Fuse(acts: number, bytes: bytes)
                #expect(throws: StoredOnDisk.Failure.self) { try cut.fulfil(Wish.life[place]) }
                cut.files.fuse = nil
                for (remains, mayDamage) in remains(of: cut.files) {
                    for isUndone in [false, true] {
                        var crashed = cut
                        crashed.files.losePower(leaving: remains, undoingNames: isUndone)
                        // The same bytes lead to the same state.
                        guard seen.insert(crashed.bytes).inserted else { continue }
                        try judge(crashed.files, bounds, mayDamage: mayDamage || bytes % 512 != 0)
                    }
                }
            }
        }
        #expect(seen.count > 0 || done.files.history.isEmpty)
        try judge(done.files, Bounds(before: bounds.after, after: bounds.after), mayDamage: false)
    }

    /// A draft is seen by nobody before it is renamed, so it is not cut at every byte.
    private func cuts(of act: SimulatedFiles.Act, isDraft: Bool) -> [Int] {
        guard case .write(let bytes, _) = act else { return [0] }
        return Array(stride(from: 0, to: bytes, by: isDraft ? 256 : 1)) + [bytes]
    }

    /// Which of them a disk with whole sectors cannot leave: those may damage the state, and nobody is told a lie.
    private func remains(of files: SimulatedFiles) -> [(SimulatedFile.Remains, mayDamage: Bool)] {
        let dirty = StoredFile.allCases.compactMap { files.entries[$0]?.file }.first { $0.isDirty }
        guard let dirty else { return [(.nothing, false)] }
        let sectors = dirty.dirtySectors
        let subsets = (0..<1 << min(sectors.count, 5)).map { mask in
            Set(sectors.enumerated().filter { mask >> $0.offset & 1 == 1 }.map(\.element))
        }
        return [(.nothing, false), (.everything, false), (.length, false)]
            + subsets.map { (.sectors($0), mayDamage: $0.count < sectors.count && sectors.count > 1) }
    }

    private func judge(_ files: SimulatedFiles, _ bounds: Bounds, mayDamage: Bool) throws {
        var files = files
        let found: StoredState?
        do throws(StoredOnDisk.Failure) {
            found = try StoredOnDisk.peek(into: &files)
        } catch {
            if case .damaged = error, mayDamage { return }
            Issue.record("\(error)")
            return
        }
        #expect(bounds.allow(found), "\(String(describing: found)) between \(bounds)")
        // The next start finds what this one has found, however often.
        for _ in 0..<2 {
            let opened = try StoredOnDisk(in: &files) { StorageID(9) }
            #expect(found == nil || opened.stored == found)
        }
    }
}
