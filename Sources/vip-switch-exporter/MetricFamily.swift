/// A metric with its samples' labels: what the two comment lines before its samples say.
struct MetricFamily: Hashable, Sendable {
    enum Kind: String, Hashable, Sendable {
        case counter, gauge, histogram
    }

    var name: String
    var kind: Kind
    var labels: [String]
    var help: String

    private init(_ kind: Kind, _ name: String, _ labels: [String], _ help: String) {
        self.name = "vip_switch_" + name
        self.kind = kind
        self.labels = labels
        self.help = help
    }

    static func gauge(_ name: String, by labels: String..., help: String) -> MetricFamily {
        MetricFamily(.gauge, name, labels, help)
    }

    /// The name gets its `_total`.
    static func counter(_ name: String, by labels: String..., help: String) -> MetricFamily {
        MetricFamily(.counter, name + "_total", labels, help)
    }

    static func histogram(_ name: String, by labels: String..., help: String) -> MetricFamily {
        MetricFamily(.histogram, name, labels, help)
    }
}
