/// Times as bars of text.
package struct Histogram: Sendable {
    package let times: [Nanoseconds]
    /// Moments to point at, with a word for each.
    package let marks: [(at: Nanoseconds, word: String)]

    private static let rows: Nanoseconds = 24
    private static let longestBar = 50

    package init(_ times: [Nanoseconds], marks: [(at: Nanoseconds, word: String)] = []) {
        self.times = times.sorted()
        self.marks = marks
    }

    /// One row a bucket from the first that has something in it to the last but a hundredth of the times; then the rest.
    package var lines: [String] {
        guard let first = times.first, let end = Spread(times).time(0.99) else { return [] }
        let marked = marks.map(\.at).filter { $0 >= 0 }
        let low = min(first, marked.min() ?? first)
        let high = max(end, marked.max() ?? end)
        let width = Self.width(for: high - low)
        let buckets = (low / width...high / width).map { ($0 * width, ($0 + 1) * width) }
        let counts = buckets.map { bucket in times.count { bucket.0 <= $0 && $0 < bucket.1 } }
        let most = max(1, counts.max() ?? 1)
        let rows = zip(buckets, counts).map { bucket, count in
            row("\(ms(bucket.0))", count, most, marks.filter { bucket.0 <= $0.at && $0.at < bucket.1 })
        }
        let beyond = times.count { $0 >= (high / width + 1) * width }
        return rows + (beyond == 0 ? [] : [row("later", beyond, most, [])])
    }

    /// 1, 2 or 5 with zeros behind it, so that the rows are few.
    static func width(for span: Nanoseconds) -> Nanoseconds {
        var decade: Nanoseconds = 10_000
        while true {
            for step: Nanoseconds in [1, 2, 5] where span / (step * decade) < rows { return step * decade }
            decade *= 10
        }
    }

    private func row(_ name: String, _ count: Int, _ most: Int, _ marks: [(at: Nanoseconds, word: String)]) -> String {
        let bar = String(repeating: "#", count: (count * Self.longestBar + most - 1) / most)
        let words = marks.map { "  <- \($0.word) \(ms($0.at))" }.joined()
        return "\(right(name, 10))  \(right("\(count)", 6))  \(bar)\(words)"
    }
}

/// Padded on the left.
func right(_ text: String, _ width: Int) -> String {
    String(repeating: " ", count: max(0, width - text.utf8.count)) + text
}
