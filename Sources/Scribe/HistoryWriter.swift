internal import Linux

/// Appends lines to the history, in two files that take turns: a full one takes the place of the other, so neither a copy
/// nor room for one is needed.
///
/// Nothing is synced: no vote waits for what is only told. A full disk loses lines, which are counted.
final class HistoryWriter {
    private let path: String
    private let linesInFile: Int
    private var file: AppendFile?
    /// In the present file; nil before it was looked at.
    private var lines: Int?
    /// Something was cut short, by us or by a crash: the next line begins on one of its own.
    private var endsWithinLine = true

    /// As many as are kept at least.
    static let standardLines = 1000
    private static let largestFile = 16 << 20

    init(_ folder: String, linesInFile: Int = standardLines) {
        path = folder + "/history"
        self.linesInFile = linesInFile
    }

    /// Appends whole lines; how many of them were lost, and why.
    func append(_ batch: [UInt8]) -> (lost: Int, reason: String) {
        var rest = batch[...]
        do throws(Errno) {
            try turnIfFull()
            try open()
            if endsWithinLine, let count = try file?.append([UInt8(ascii: "\n")], patience: .zero), count == 1 {
                endsWithinLine = false
            }
            while !rest.isEmpty {
                guard let written = try file?.append(rest, patience: .zero), written > 0 else { throw .noSpace }
                rest = rest.dropFirst(written)
                endsWithinLine = batch[rest.startIndex - 1] != UInt8(ascii: "\n")
            }
        } catch {
            file = nil
            return (rest.count { $0 == UInt8(ascii: "\n") }, "\(error)")
        }
        lines = (lines ?? 0) + batch.count { $0 == UInt8(ascii: "\n") }
        return (0, "")
    }

    /// The earlier file is forgotten, and this one takes its name.
    private func turnIfFull() throws(Errno) {
        let count = lines ?? count()
        lines = count
        guard count >= linesInFile else { return }
        file = nil
        try Folder.rename(path, to: path + ".1")
        lines = 0
    }

    private func open() throws(Errno) {
        if file?.isNamed(path) == true { return }
        file = try AppendFile(path: path)
        endsWithinLine = try FileStatus(of: path).size > 0
    }

    /// What cannot be read counts as full, and makes way.
    private func count() -> Int {
        do throws(Errno) {
            let bytes = try DurableFile.read(path, limit: Self.largestFile) ?? []
            return bytes.count { $0 == UInt8(ascii: "\n") }
        } catch {
            return linesInFile
        }
    }
}
