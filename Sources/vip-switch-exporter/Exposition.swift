import Observability

/// The text format of Prometheus, version 0.0.4: for each metric a line of help, one of its type, and its samples.
struct Exposition {
    static let contentType = "text/plain; version=0.0.4; charset=utf-8"

    private(set) var text = ""

    /// Writes one metric; nothing where it has no sample.
    ///
    /// A second sample with the same labels is left out: a scraper refuses the whole document for it.
    mutating func add(_ family: MetricFamily, _ samples: [Sample]) {
        guard !samples.isEmpty else { return }
        text += "# HELP \(family.name) \(Self.escaped(family.help, quotes: false))\n"
        text += "# TYPE \(family.name) \(family.kind.rawValue)\n"
        var seen: Set<[String]> = []
        for sample in samples where seen.insert(sample.labels).inserted {
            precondition(sample.labels.count == family.labels.count, "\(family.name) has labels \(family.labels)")
            write(family, sample)
        }
    }

    mutating func add(_ family: MetricFamily, _ value: Double?) {
        add(family, value.map { [Sample($0)] } ?? [])
    }

    mutating func add(_ family: MetricFamily, _ value: Int) { add(family, Double(value)) }
    mutating func add(_ family: MetricFamily, _ value: Bool?) { add(family, value.map { $0 ? 1 : 0 }) }
    mutating func add(_ family: MetricFamily, _ value: Duration?) { add(family, value?.seconds) }

    private mutating func write(_ family: MetricFamily, _ sample: Sample) {
        let labels = Array(zip(family.labels, sample.labels))
        switch sample.value {
        case .number(let number): line(family.name, labels, Self.number(number))
        case .histogram(let histogram):
            for (bound, count) in zip(histogram.bounds, histogram.cumulative) {
                line(family.name + "_bucket", labels + [("le", Self.number(bound.seconds))], "\(count)")
            }
            line(family.name + "_bucket", labels + [("le", "+Inf")], "\(histogram.count)")
            line(family.name + "_sum", labels, Self.number(histogram.sum.seconds))
            line(family.name + "_count", labels, "\(histogram.count)")
        }
    }

    private mutating func line(_ name: String, _ labels: [(String, String)], _ value: String) {
        let pairs = labels.map { "\($0)=\"\(Self.escaped($1, quotes: true))\"" }
        text += name + (pairs.isEmpty ? "" : "{\(pairs.joined(separator: ","))}") + " \(value)\n"
    }

    static func number(_ number: Double) -> String {
        if number.isNaN { return "NaN" }
        if number.isInfinite { return number < 0 ? "-Inf" : "+Inf" }
        if let whole = Int64(exactly: number) { return "\(whole)" }
        return "\(number)"
    }

    /// A backslash and a line end would break the line, in a label's value a quote too.
    static func escaped(_ text: String, quotes: Bool) -> String {
        var escaped = ""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\\": escaped += "\\\\"
            case "\n": escaped += "\\n"
            case "\"" where quotes: escaped += "\\\""
            default: escaped.unicodeScalars.append(scalar)
            }
        }
        return escaped
    }
}

/// One value of a metric.
struct Sample: Hashable {
    enum Value: Hashable {
        case number(Double)
        case histogram(Histogram)
    }

    var labels: [String]
    var value: Value

    init(_ value: Double, _ labels: String...) {
        self.labels = labels
        self.value = .number(value)
    }

    init(_ value: Bool, _ labels: String...) {
        self.labels = labels
        self.value = .number(value ? 1 : 0)
    }

    init(_ histogram: Histogram, _ labels: String...) {
        self.labels = labels
        value = .histogram(histogram)
    }
}

extension Duration {
    var seconds: Double { Double(components.seconds) + Double(components.attoseconds) / 1e18 }
}
