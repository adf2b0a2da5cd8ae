internal import Observability

/// Since when the history is wanted, as people write it: `10m`, `2h`, `3d`, `90s`, or the beginning of a time in RFC 3339.
package struct HistoryMoment: Hashable, Sendable {
    /// Comes before all times from then on in the order of texts.
    package let text: String

    /// - Parameter now: Nanoseconds since 1970.
    package init?(_ words: String, now: Int64) {
        if let span = Self.nanoseconds(words) {
            text = Timestamp(nanoseconds: now - span).text
        } else if Self.isTime(words) {
            text = words.last == "Z" ? String(words.dropLast()) : words
        } else {
            return nil
        }
    }

    private static func nanoseconds(_ words: String) -> Int64? {
        let units: [Character: Int64] = ["s": 1, "m": 60, "h": 3600, "d": 86400]
        guard let unit = words.last.flatMap({ units[$0] }), words.utf8.count <= 7,
            words.dropLast().allSatisfy(\.isWholeNumber), let number = Int64(words.dropLast())
        else { return nil }
        let (seconds, isTooLong) = number.multipliedReportingOverflow(by: unit)
        // A hundred years.
        guard !isTooLong, seconds <= 3_155_760_000 else { return nil }
        return seconds * 1_000_000_000
    }

    /// `2026-03-01`, and as much more of `2026-03-01T12:34:56.789Z` as somebody types.
    private static func isTime(_ words: String) -> Bool {
        let form = Array("dddd-dd-ddTdd:dd:dd.ddd".utf8)
        let bytes = Array((words.last == "Z" ? String(words.dropLast()) : words).utf8)
        guard [10, 13, 16, 19, 23].contains(bytes.count) else { return false }
        return zip(bytes, form).allSatisfy { byte, wanted in
            wanted == UInt8(ascii: "d") ? (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) : byte == wanted
        }
    }
}
