import Simulator

/// What the command line asks for.
struct Options {
    var seeds: ClosedRange<UInt64> = 1...1000
    var swarm = Swarm(nodes: 5...5, seconds: 60)
    var isTraced = false
    /// After so many failing seeds the rest is left.
    var failureLimit = 10

    static let usage = """
        usage: vip-switch-simulator [--seeds A..B] [--nodes N | --nodes A..B] [--seconds S] [--prompt] [--trace]
                                    [--sabotage KIND] [--failures N]
        Runs the election over simulated networks, disks, clocks and keepers, B included; --trace tells one seed's story.
        """

    /// Nil when it cannot be understood.
    init?(_ arguments: [String]) {
        var arguments = arguments[...]
        while let option = arguments.popFirst() {
            switch option {
            case "--prompt": swarm.isStrict = false
            case "--trace": isTraced = true
            default: guard let value = arguments.popFirst(), take(option, value) else { return nil }
            }
        }
    }

    private mutating func take(_ option: String, _ value: String) -> Bool {
        switch option {
        case "--seeds": set(Self.range(value)) { $0.seeds = $1 }
        case "--nodes": set(Self.range(value)) { $0.swarm.nodes = Int($1.lowerBound)...Int($1.upperBound) }
        case "--seconds": set(Double(value)) { $0.swarm.seconds = $1 }
        case "--sabotage": set(Sabotage(rawValue: value)) { $0.swarm.sabotage = $1 }
        case "--failures": set(Int(value)) { $0.failureLimit = $1 }
        default: false
        }
    }

    private mutating func set<Value>(_ value: Value?, _ assign: (inout Options, Value) -> Void) -> Bool {
        guard let value else { return false }
        assign(&self, value)
        return true
    }

    /// `7` or `1..1000`.
    private static func range(_ text: String) -> ClosedRange<UInt64>? {
        let parts = text.split(separator: ".").map { UInt64($0) }
        guard let first = parts.first ?? nil, let last = parts.last ?? nil, parts.count <= 2, (1...last).contains(first)
        else { return nil }
        return first...last
    }
}
