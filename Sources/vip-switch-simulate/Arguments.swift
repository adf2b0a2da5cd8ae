import Simulator

/// What is wrong with a command line, in words; such a program ends with 2.
struct UsageError: Error, Hashable {
    let reason: String

    init(_ reason: String) { self.reason = reason }
}

/// The words behind the program's name, taken one after the other.
struct Arguments {
    private var rest: ArraySlice<String>

    init(_ words: [String]) { rest = words[...] }

    mutating func next() -> String? { rest.popFirst() }

    mutating func value(of option: String) throws(UsageError) -> String {
        guard let value = rest.popFirst() else { throw UsageError("\(option) needs a value") }
        return value
    }

    /// The value as `parse` understands it.
    mutating func value<Value>(
        of option: String,
        as expected: String,
        _ parse: (String) -> Value?
    ) throws(UsageError) -> Value {
        let text = try value(of: option)
        guard let value = parse(text) else { throw UsageError("\(option) \(text): expected \(expected)") }
        return value
    }
}

extension Arguments {
    mutating func count(of option: String, in bounds: ClosedRange<Int>) throws(UsageError) -> Int {
        try value(of: option, as: "a number from \(bounds.lowerBound) to \(bounds.upperBound)") { text in
            Int(text).flatMap { bounds.contains($0) ? $0 : nil }
        }
    }

    mutating func seed(of option: String) throws(UsageError) -> UInt64 {
        try value(of: option, as: "a number from 1 on") { UInt64($0).flatMap { $0 > 0 ? $0 : nil } }
    }

    mutating func choice<Value: RawRepresentable & CaseIterable>(
        of option: String
    ) throws(UsageError) -> Value where Value.RawValue == String {
        let known = Value.allCases.map(\.rawValue).joined(separator: ", ")
        return try value(of: option, as: "one of \(known)") { Value(rawValue: $0) }
    }

    /// Above zero, and no longer than an hour, which is all that a run can last.
    mutating func seconds(of option: String) throws(UsageError) -> Double {
        try value(of: option, as: "seconds above 0, at most 3600") { text in
            Double(text).flatMap { $0 > 0 && $0 <= 3600 ? $0 : nil }
        }
    }

    /// `7` or `1..1000`.
    mutating func range(of option: String, in bounds: ClosedRange<UInt64>) throws(UsageError) -> ClosedRange<UInt64> {
        let expected = "N or A..B with A no greater than B, from \(bounds.lowerBound) to \(bounds.upperBound)"
        return try value(of: option, as: expected) { Self.range($0, in: bounds) }
    }

    private static func range(_ text: String, in bounds: ClosedRange<UInt64>) -> ClosedRange<UInt64>? {
        let ends = text.split(separator: "..", omittingEmptySubsequences: false).map { UInt64($0) }
        guard ends.count <= 2, let first = ends.first ?? nil, let last = ends.last ?? nil, first <= last,
            bounds.contains(first), bounds.contains(last)
        else { return nil }
        return first...last
    }

    /// `3,7,9`, or `none`.
    mutating func numbers(of option: String) throws(UsageError) -> [Int] {
        try value(of: option, as: "numbers from 1 on with commas between them, or none") { text in
            if text == "none" { return [] }
            let numbers = text.split(separator: ",", omittingEmptySubsequences: false).map { Int($0) ?? 0 }
            return numbers.allSatisfy { $0 > 0 } ? numbers : nil
        }
    }
}
