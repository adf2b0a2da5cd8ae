extension Fault {
    /// For people: `the holder cut off, both, for 0.155 s`.
    package var words: String {
        switch self {
        case .cut(let from, let to, let span):
            "nothing gets from \(Self.name(from)) to \(Self.name(to))\(Self.for(span))"
        case .isolated(let node, let direction, let span):
            "\(Self.name(node)) is cut off, \(direction)\(Self.for(span))"
        case .partitioned(let side, let isSymmetric, let span):
            "\(side.map(Self.name).joined(separator: " ")) cut off, \(isSymmetric ? "both" : "sending")\(Self.for(span))"
        case .lagging(let node, let direction, let delay, let span):
            "\(Self.name(node)) lags, \(direction), by \(Trace.brief(delay)) s\(Self.for(span))"
        case .agentKilled(let node, let pause): "\(Self.name(node)): agent killed\(Self.back(pause))"
        case .othersKilled(let node, let pause): "all but \(Self.name(node)): agents killed\(Self.back(pause))"
        case .agentStopped(let node, let span): "\(Self.name(node)): agent stopped\(Self.for(span))"
        case .agentTerminated(let node, let pause): "\(Self.name(node)): agent told to stop\(Self.back(pause))"
        case .powerLost(let node, let pause): "\(Self.name(node)): power lost\(Self.back(pause))"
        case .diskLost(let node, let pause): "\(Self.name(node)): power and disk lost\(Self.back(pause))"
        case .slowDisk(let node, let write, let span):
            "\(Self.name(node)): writes take \(Trace.brief(write)) s\(Self.for(span))"
        case .everythingKilled(let node, let pause): "\(Self.name(node)): agent and keeper killed\(Self.back(pause))"
        case .everythingStopped(let node, let span): "\(Self.name(node)): agent and keeper stopped\(Self.for(span))"
        case .keeperStopped(let node, let span): "\(Self.name(node)): keeper stopped\(Self.for(span))"
        case .keeperKilled(let node): "\(Self.name(node)): keeper killed"
        // Rates and odds read no better in a sentence.
        default: "\(self)"
        }
    }

    private static func name(_ node: Int) -> String { node == holder ? "the holder" : "n\(node + 1)" }
    private static func `for`(_ span: Nanoseconds) -> String { ", for \(Trace.brief(span)) s" }
    private static func back(_ pause: Nanoseconds) -> String { ", back after \(Trace.brief(pause)) s" }
}
