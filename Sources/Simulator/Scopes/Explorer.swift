/// Walks through every order of what may happen in a small world, breadth first, so that the first violation found is one
/// of the shortest.
///
/// Worlds are not kept, only the ways to them (an action behind an earlier way) and 64 bits of each world's digest: some
/// twenty bytes a world instead of some thousands. A world is made again by going its way again, and as the ways of one
/// level stand in the order in which they were found, neighbours have most of it in common.
package struct Explorer {
    private struct Way {
        let before: UInt32
        let action: Action
    }

    package let scope: Scope
    private let start: World
    private var seen: Set<Int>
    private var ways: [Way] = []
    /// The worlds of the way that was gone last, from the start on.
    private var trail: [(way: Int, world: World)]
    /// Of the start, which has no way: behind all that can be.
    private static let origin = Int(UInt32.max)

    package private(set) var finding = Finding()

    package struct Finding: Sendable {
        /// All orders of so many actions were tried.
        package fileprivate(set) var depth = 0
        package fileprivate(set) var transitions = 0
        package fileprivate(set) var states = 1
        /// Nothing more can happen: all is known, whatever the depth.
        package fileprivate(set) var isExhausted = false
        package fileprivate(set) var violation: Violation?
        /// The actions that lead to it, with what they look like.
        package fileprivate(set) var story: [String] = []
    }

    /// - Parameter rules: What is judged; nil: all.
    package init(_ scope: Scope, slip: Slip? = nil, rules: Set<Violation.Rule>? = nil) {
        self.scope = scope
        start = scope.world(slip, judging: rules)
        seen = [start.digest]
        trail = [(Self.origin, start)]
        judge(start, behind: [])
    }

    /// Goes on to `depth` actions, or as long as `mayGoOn` says and no more than `stateLimit` worlds are known.
    package mutating func explore(depth: Int, stateLimit: Int, mayGoOn: () -> Bool) {
        var level = [Self.origin]
        while finding.depth < depth, finding.violation == nil, !level.isEmpty {
            let first = ways.count
            for (count, way) in level.enumerated() {
                if count.isMultiple(of: 64), seen.count > stateLimit || !mayGoOn() { return }
                expand(way)
                if finding.violation != nil { return }
            }
            finding.depth += 1
            level = Array(first..<ways.count)
            finding.isExhausted = level.isEmpty
        }
    }

    private mutating func expand(_ way: Int) {
        let world = world(behind: way)
        for action in world.actions {
            guard let next = world.after(action) else { continue }
            finding.transitions += 1
            if next.violation != nil { return judge(next, behind: actions(of: way) + [action]) }
            guard seen.insert(next.digest).inserted else { continue }
            ways.append(Way(before: UInt32(way), action: action))
            finding.states += 1
        }
    }

    /// Goes back along the way until the trail has been there, and forth again.
    private mutating func world(behind way: Int) -> World {
        var missing: [Int] = []
        var place = way
        var steps = actions(of: way).count
        while !(steps < trail.count && trail[steps].way == place) {
            missing.append(place)
            place = Int(ways[place].before)
            steps -= 1
        }
        trail.removeSubrange((steps + 1)...)
        for place in missing.reversed() {
            guard let next = trail[trail.count - 1].world.after(ways[place].action) else { break }
            trail.append((place, next))
        }
        return trail[trail.count - 1].world
    }

    private func actions(of way: Int) -> [Action] {
        var actions: [Action] = []
        var place = way
        while place != Self.origin {
            actions.append(ways[place].action)
            place = Int(ways[place].before)
        }
        return actions.reversed()
    }

    private mutating func judge(_ world: World, behind actions: [Action]) {
        guard world.violation != nil else { return }
        finding.violation = world.violation
        var world = start
        for action in actions {
            guard let next = world.after(action) else { break }
            finding.story.append("\(Trace.seconds(world.moment)) \(world.describe(action))")
            world = next
        }
    }
}

extension World {
    func describe(_ action: Action) -> String {
        switch action {
        case .timePasses: "time passes to \(Trace.seconds(nextMoment ?? moment))"
        case .wakes(let node): "n\(node + 1) wakes"
        case .writeEnds(let node): "a write of n\(node + 1) is durable"
        case .keeperAnswers(let node): "the keeper of n\(node + 1) answers: the VIP is off"
        case .keeperCleans(let node): "the keeper of n\(node + 1) takes the VIP off for its dead agent"
        case .crashes(let node): "n\(node + 1) crashes"
        case .restarts(let node): "n\(node + 1) restarts"
        case .resigns(let node): "n\(node + 1) resigns"
        case .arrives(let place): describe(underWay[Int(place)].value)
        case .arrivesTwice(let place): describe(underWay[Int(place)].value) + " (a copy stays under way)"
        }
    }

    private func describe(_ letter: Letter) -> String {
        "n\(letter.to + 1) hears from n\(letter.from + 1): \(letter.message.summary)"
    }
}

extension Explorer {
    /// One line.
    package var summary: String {
        let extent = finding.isExhausted ? "exhausted" : "not exhausted"
        let violation = finding.violation.map { "violation behind \(finding.story.count) actions: \($0)" }
        return "\(scope.rawValue): depth \(finding.depth), \(finding.states) states, "
            + "\(finding.transitions) transitions, \(extent), \(violation ?? "no violation")"
    }
}
