import Time

extension Form where Value == Duration {
    /// `50ms`, `1s`, `1m`, `1h`: a whole number and its unit; 0 needs none.
    static func duration(_ range: ClosedRange<Duration>) -> Form {
        let words = "a duration from \(text(of: range.lowerBound)) to \(text(of: range.upperBound)) with its unit"
        return Form(words, meant: { meantDuration($0, range) }) { text in
            guard let duration = parseDuration(text), range.contains(duration) else { return nil }
            return duration
        }
    }
}

/// As it is written: in the largest unit that divides it.
package func text(of duration: Duration) -> String {
    let nanoseconds = duration.nanoseconds
    if nanoseconds == 0 { return "0s" }
    let unit = units.first { nanoseconds % $0.nanoseconds == 0 } ?? (name: "ns", nanoseconds: 1)
    return "\(nanoseconds / unit.nanoseconds)\(unit.name)"
}

private let units: [(name: String, nanoseconds: Int64)] = [
    ("h", 3_600_000_000_000), ("m", 60_000_000_000), ("s", 1_000_000_000), ("ms", 1_000_000), ("us", 1000),
]

private func parseDuration(_ text: String) -> Duration? {
    if text == "0" { return .zero }
    let digits = text.utf8.prefix(while: isDigit)
    guard (1...12).contains(digits.count), let count = Int64(String(digits) ?? ""),
        let unit = units.first(where: { $0.name == text.dropFirst(digits.count) })
    else { return nil }
    let (nanoseconds, overflow) = count.multipliedReportingOverflow(by: unit.nanoseconds)
    return overflow ? nil : .nanoseconds(nanoseconds)
}

/// A number without a unit in the first unit that makes sense; otherwise the same without blanks and capitals.
private func meantDuration(_ text: String, _ range: ClosedRange<Duration>) -> String? {
    let plain = text.lowercased().filter { $0 != " " }
    let candidates = [plain, plain + "ms", plain + "s", plain + "m"]
    return candidates.first { candidate in parseDuration(candidate).map(range.contains) ?? false }
}
