package import Time

/// Which parts of groups have a fault in their links, and which had one a moment ago: a link that comes and goes must not
/// take the VIPs along each time.
struct LinkHealth: Hashable, Sendable {
    private enum State: Hashable, Sendable {
        case faulty(String)
        /// Good again, and to be counted as such from then on.
        case settling(until: Instant)
    }

    private var upDelay: Duration
    /// Of the parts that do not count as good.
    private var states: [String: State] = [:]

    init(upDelay: Duration) { self.upDelay = upDelay }

    /// The configuration has these parts from now on.
    mutating func follow(_ parts: Set<String>, upDelay: Duration) {
        self.upDelay = upDelay
        states = states.filter { parts.contains($0.key) }
    }

    /// - Parameter isHolding: The holder's link counts at once: to settle first would only let another node, whose link
    ///   came back a moment earlier, have the VIPs for that.
    mutating func note(_ part: String, fault: String?, isHolding: Bool, at now: Instant) {
        if let fault {
            states[part] = .faulty(fault)
        } else if isFaulty(part) {
            states[part] = .settling(until: isHolding ? now : now + upDelay)
        }
    }

    /// Returns the parts that count as good from now on.
    mutating func settle(at now: Instant) -> [String] {
        let settled = states.compactMap { part, state in
            if case .settling(let end) = state, Deadline.timer(end).hasPassed(at: now) { part } else { nil }
        }
        for part in settled { states[part] = nil }
        return settled.sorted()
    }

    /// Whether something is wrong with it at this moment.
    func isFaulty(_ part: String) -> Bool {
        if case .faulty = states[part] { true } else { false }
    }

    func fault(of part: String) -> String? {
        switch states[part] {
        case nil: nil
        case .faulty(let reason): reason
        case .settling: "its link has just come back"
        }
    }

    /// When a part that is good again counts as such.
    func end(ofSettling part: String) -> Instant? {
        if case .settling(let end) = states[part] { end } else { nil }
    }

    /// Why this node should hold nothing; nil where nothing is wrong.
    var fault: String? {
        let first = states.keys.filter(isFaulty).min() ?? states.keys.min()
        return first.flatMap { fault(of: $0) }
    }

    var next: Instant? {
        states.values.compactMap { if case .settling(let end) = $0 { end } else { nil } }
            .min { $0.boottime < $1.boottime }
    }
}

extension Failover {
    /// Why this node should not hold the part now.
    package func linkFault(of part: String) -> String? { links.fault(of: part) }

    /// When the part's links, which are good again, count as such; nil where they are not, or do already.
    package func linkSettles(_ part: String) -> Instant? { links.end(ofSettling: part) }

    mutating func judgeLinks(_ event: FailoverEvent, at now: Instant) -> [FailoverEffect] {
        var effects: [FailoverEffect] = []
        if case .linkChanged(let part, let fault) = event {
            links.note(part, fault: fault, isHolding: isHolding, at: now)
            if let fault { effects.append(.note(.linkLost(reason: fault), group: groupName(of: part))) }
        }
        if case .reconfigured(let groups, let upDelay) = event {
            links.follow(Set(groups.flatMap(\.parts)), upDelay: upDelay)
        }
        return effects + links.settle(at: now).map { .note(.linkRestored, group: groupName(of: $0)) }
    }

    private var isHolding: Bool {
        groups.contains { if case .held = $0.holding { true } else { false } }
    }

    private func groupName(of part: String) -> String {
        groups.first { $0.parts.contains(part) }?.name ?? part
    }
}
