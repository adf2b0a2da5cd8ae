/// How entries of the history stand in a file: one a line, behind its checksum.
///
/// A power failure may cut the end, and a disk may rot: what does not bear its checksum is left out, and all else is read.
/// Nothing is decided by it, so it is not synced.
package enum HistoryFile {
    /// Bytes of a line, its end included.
    package static let longestLine = 4096
    /// More is not of our making.
    package static let largestFile = 16 << 20

    /// An entry as a line; nil for a text that would be two of them, or too long.
    package static func line(_ text: String) -> [UInt8]? {
        let bytes = Array(text.utf8)
        guard bytes.count <= longestLine - prefix - 1, !bytes.contains(UInt8(ascii: "\n")) else { return nil }
        return checksum(of: bytes) + [UInt8(ascii: " ")] + bytes + [UInt8(ascii: "\n")]
    }

    /// The entries that are whole, in their order, and how many lines are not.
    package static func read(_ bytes: [UInt8]) -> (entries: [String], damaged: Int) {
        var (entries, damaged): ([String], Int) = ([], 0)
        // Where a write was cut short the next one begins with a line end of its own, so an empty line is no damage.
        for line in bytes.split(separator: UInt8(ascii: "\n")) {
            if let entry = entry(line) { entries.append(entry) } else { damaged += 1 }
        }
        return (entries, damaged)
    }

    /// Eight digits and a blank.
    private static let prefix = 9

    private static func entry(_ line: ArraySlice<UInt8>) -> String? {
        let text = line.dropFirst(prefix)
        guard line.count >= prefix, line.prefix(prefix).elementsEqual(checksum(of: text) + [UInt8(ascii: " ")]) else {
            return nil
        }
        return String(validating: text, as: UTF8.self)
    }

    private static func checksum(of text: some Sequence<UInt8>) -> [UInt8] {
        let digits = String(CRC32C.checksum(text), radix: 16)
        return Array((String(repeating: "0", count: 8 - digits.utf8.count) + digits).utf8)
    }
}
