@testable import Simulator
import Storage
import Testing

@Suite struct `A simulated disk` {
    private let old = Array("0123456789".utf8)

    private func files() throws -> SimulatedFiles {
        var files = SimulatedFiles(dice: Dice(seed: 1, stream: .disk))
        try files.replace(.log, with: old)
        return files
    }

    private func crashed(_ files: SimulatedFiles, _ remains: SimulatedFile.Remains) -> [UInt8]? {
        var files = files
        files.losePower(leaving: remains, undoingNames: false)
        return files.read(.log)
    }

    @Test func `shows what was written, and may lose it until it is synchronized`() throws {
        var files = try files()
        try files.write(Array("ab".utf8), to: .log, at: 9)
        #expect(files.read(.log) == Array("012345678ab".utf8))
        #expect(crashed(files, .nothing) == old)
        #expect(crashed(files, .everything) == Array("012345678ab".utf8))
        #expect(crashed(files, .beginning(bytes: 1)) == Array("012345678a".utf8))
        #expect(crashed(files, .length) == old + [0])
        try files.synchronize(.log)
        #expect(crashed(files, .nothing) == Array("012345678ab".utf8))
    }

    @Test func `keeps any of the sectors that were written`() throws {
        var files = try files()
        try files.write(Array(repeating: 7, count: 1020), to: .log, at: 10)
        #expect(crashed(files, .sectors([])) == old)
        #expect(crashed(files, .sectors([0])) == old + Array(repeating: 7, count: 502))
        #expect(
            crashed(files, .sectors([1])) == old + Array(repeating: 0, count: 502) + Array(repeating: 7, count: 512)
        )
        #expect(crashed(files, .sectors([0, 1, 2])) == old + Array(repeating: 7, count: 1020))
    }

    @Test func `replaces a file in one step, which may be undone`() throws {
        var before = try files()
        try before.write(Array("x".utf8), to: .log, at: 0)
        try before.synchronize(.log)
        let new = Array("new".utf8)
        // Three bytes, a synchronization, a rename, a synchronization of the folder.
        for (fuse, remains) in [
            (SimulatedFiles.Fuse(acts: 0, bytes: 2), ["x123456789"]), (.init(acts: 1), ["x123456789"]),
            (.init(acts: 2), ["x123456789"]), (.init(acts: 3), ["x123456789", "new"]), (.init(acts: 4), ["new"]),
        ] {
            for isUndone in [true, false] {
                var files = before
                files.fuse = fuse
                try? files.replace(.log, with: new)
                files.fuse = nil
                files.losePower(leaving: .nothing, undoingNames: isUndone)
                let content = files.read(.log).map { String(decoding: $0, as: UTF8.self) }
                #expect(content == (isUndone ? remains.first : remains.last))
            }
        }
    }

    @Test func `removes a file, which may be undone`() throws {
        var files = try files()
        files.fuse = SimulatedFiles.Fuse(acts: 1)
        #expect(throws: SimulatedFiles.Failure.crashed) { try files.remove(.log) }
        #expect(files.read(.log) == nil)
        var undone = files
        undone.losePower(leaving: .nothing, undoingNames: true)
        #expect(undone.read(.log) == old)
        files.losePower(leaving: .nothing, undoingNames: false)
        #expect(files.read(.log) == nil)
    }

    /// As `fsync(2)` of Linux: whoever asks again hears of success, and the bytes were never written.
    @Test func `forgets what it failed to synchronize`() throws {
        var lost = 0
        for seed in 0..<100 {
            var files = SimulatedFiles(dice: Dice(seed: UInt64(seed), stream: .disk))
            try files.replace(.log, with: old)
            try files.write(Array("x".utf8), to: .log, at: 0)
            files.failsToSynchronize = true
            #expect(throws: SimulatedFiles.Failure.inputOutput) { try files.synchronize(.log) }
            files.failsToSynchronize = false
            try files.synchronize(.log)
            #expect(files.read(.log) == Array("x123456789".utf8))
            files.losePower(leaving: .everything, undoingNames: false)
            if files.read(.log) == old { lost += 1 }
        }
        #expect((20...80).contains(lost))
    }

    @Test func `that is full lets no file grow`() throws {
        var files = try files()
        files.isFull = true
        try files.write(Array("ab".utf8), to: .log, at: 8)
        #expect(throws: SimulatedFiles.Failure.noSpace) { try files.write(Array("cde".utf8), to: .log, at: 9) }
        #expect(throws: SimulatedFiles.Failure.noSpace) { try files.replace(.state, with: [1]) }
        #expect(files.read(.log) == Array("01234567ac".utf8))
        #expect(files.read(.state) == nil)
    }

    @Test func `turns a bit for good`() throws {
        var files = try files()
        let isTurned = [files.turnBit(8, of: .log), files.turnBit(80, of: .log), files.turnBit(0, of: .state)]
        #expect(isTurned == [true, false, false])
        files.losePower(leaving: .nothing, undoingNames: false)
        #expect(files.read(.log) == Array("0023456789".utf8))
    }

    @Test func `leaves each sector old or new by chance, and tears none unless it may`() throws {
        var seen: [Bool: Set<String>] = [:]
        for seed in 0..<4000 {
            var files = SimulatedFiles(dice: Dice(seed: UInt64(seed), stream: .disk))
            try files.replace(.state, with: Array(repeating: UInt8(ascii: "o"), count: 1024))
            try files.write(Array(repeating: UInt8(ascii: "n"), count: 1024), to: .state, at: 0)
            let tears = seed % 2 == 1
            files.losePower(tearingSectors: tears)
            let bytes = files.read(.state) ?? []
            let sectors = [bytes[..<512], bytes[512...]].map { sector in
                let kinds = Set(sector)
                return kinds.count == 1 ? String(decoding: kinds, as: UTF8.self) : "torn"
            }
            seen[tears, default: []].insert(sectors.joined(separator: " "))
        }
        #expect(seen[false] == ["o o", "n n", "o n", "n o"])
        #expect(seen[true] == ["o o", "n n", "o n", "n o", "torn o", "n torn"])
    }
}
