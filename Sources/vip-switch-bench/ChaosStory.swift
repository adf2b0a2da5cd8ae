/// What was done and what was seen, for whoever must find out why.
extension ChaosJudge {
    private static let before: Int64 = 6_000_000_000
    private static let after: Int64 = 2_000_000_000

    /// A line an event, in seconds since the first deed.
    func story(around span: Range<Int64>) -> [String] {
        let start = deeds.lines.first?.time ?? 0
        let from = max(start, span.lowerBound - Self.before)
        let to = min(span.upperBound, span.lowerBound + Self.before) + Self.after
        let told = (deeds.lines + seen).filter { (from...to).contains($0.time) }.sorted { $0.time < $1.time }
        return told.map { "  \(fixed(Double($0.time - start) / 1e9, decimals: 4, width: 9)) s  \($0.text)" }
    }

    private var seen: [(time: Int64, text: String)] {
        var seen: [(time: Int64, text: String)] = []
        for (node, held) in holdings {
            for range in held {
                seen.append((range.lowerBound, "    \(node) has the VIP"))
                if range.upperBound < deeds.end { seen.append((range.upperBound, "    \(node) has it no more")) }
            }
        }
        for (node, spans) in answering {
            for span in spans {
                seen += [
                    (span.lowerBound, "    \(node), asked alone, answers"),
                    (span.upperBound, "    \(node) answers no more"),
                ]
            }
        }
        return seen + answersThatTell
    }

    /// The first of each node, and what ends a silence.
    private var answersThatTell: [(time: Int64, text: String)] {
        let silence: Int64 = 50_000_000
        let pairs = zip([nil] + answers.map { Optional($0) }, answers)
        return pairs.compactMap { last, answer in
            guard let last, last.node == answer.node, answer.time - last.time < silence else {
                let since = last.map { ", \(milliseconds(answer.time - $0.time)) ms after the last answer" } ?? ""
                return (answer.time, "    \(answer.node) answers\(since)")
            }
            return nil
        }
    }
}
