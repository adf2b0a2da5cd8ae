/// The figures that a table can have, by the names that `report` and `summary` take.
enum Figure: String, CaseIterable {
    case outage, takeover, silence
    case twoHolders = "two-holders"
    case twoAnswering = "two-answering"
    case raw, gone
    case returnGap = "return-gap"
    case held

    var title: String {
        switch self {
        case .outage: "outage"
        case .takeover: "takeover"
        case .silence: "longest silence"
        case .twoHolders: "two holders"
        case .twoAnswering: "two answering"
        case .raw: "raw"
        case .gone: "address gone after"
        case .returnGap: "gap after return"
        case .held: "start to VIP held"
        }
    }

    func value(of run: RunFigures) -> Int64? {
        switch self {
        case .outage: run.outage
        case .takeover: run.takeover
        case .silence: run.silence
        case .twoHolders: run.doubleReachable
        case .twoAnswering: run.doubleAnswering
        case .raw: run.doubleRaw
        case .gone: run.gone
        case .returnGap: run.returnGap
        case .held: run.held
        }
    }
}

/// The middle and the worst of some runs; a run without a value is worse than any, and counts as `Int64.max`.
struct Spread: Equatable {
    let median: Int64
    let worst: Int64

    /// Nil for no values.
    init?(_ values: [Int64?]) {
        let sorted = values.map { $0 ?? .max }.sorted()
        guard let worst = sorted.last else { return nil }
        let (low, high) = (sorted[(sorted.count - 1) / 2], sorted[sorted.count / 2])
        self.worst = worst
        median = high == .max ? high : (low + high) / 2
    }

    /// `MEDIAN / WORST` in milliseconds.
    var text: String { "\(milliseconds(median)) / \(milliseconds(worst))" }
}

/// Milliseconds with one decimal; `none` for nil and for `Int64.max`.
func milliseconds(_ nanoseconds: Int64?) -> String {
    guard let nanoseconds, nanoseconds != .max else { return "none" }
    return fixed(Double(nanoseconds) / 1e6, decimals: 1)
}

/// A number that is not negative with a fixed count of decimals, padded on the left.
func fixed(_ value: Double, decimals: Int, width: Int = 0) -> String {
    var scale = 1
    for _ in 0..<decimals { scale *= 10 }
    let scaled = Int((value * Double(scale)).rounded())
    let fraction = String(scaled % scale)
    let padding = String(repeating: "0", count: decimals - fraction.count)
    let text = "\(scaled / scale).\(padding)\(fraction)"
    return String(repeating: " ", count: max(0, width - text.count)) + text
}
