import Raft

/// Everything that `scripts/chaos` will do, drawn from a seed before it begins: the same seed is the same sequence of
/// faults. Who is hit may be said as `holder`, which only the run can tell.
struct ChaosPlan {
    var lines: [String] = []
    private var dice: SeededRandom
    private var id = 0

    /// - Parameter seconds: About how long it takes; at least one episode is planned.
    init(seed: UInt64, seconds: Int) {
        // Neighbouring seeds would draw the same numbers, one later.
        var mixer = SeededRandom(seed: seed)
        dice = SeededRandom(seed: mixer.next())
        var left = seconds
        repeat { left -= episode(within: left) } while left >= Self.shortest
    }
}

extension ChaosPlan {
    /// What starting a cluster and stopping it takes, and healing and looking after a round: a guess, in seconds.
    private static let frame = 9
    private static let look = 7
    private static let window = 6...20
    private static var shortest: Int { frame + look + window.lowerBound }

    /// The settings of a cluster. The exclusivity `fenced` is `strict` with a packet filter.
    private static let profiles: [(weight: Int, words: String)] = [
        (5, "timing lan promise 250 exclusivity prompt"),
        // A busy machine loses leases of `fast` all the time, which is no matter here.
        (1, "timing fast promise 100 exclusivity prompt"),
        (2, "timing {heartbeat:50ms,promise:500ms} promise 500 exclusivity prompt"),
        (4, "timing {heartbeat:50ms,promise:2500ms} promise 2500 exclusivity strict"),
        (3, "timing lan promise 250 exclusivity fenced"),
    ]

    /// Returns about how many seconds it takes.
    private mutating func episode(within seconds: Int) -> Int {
        let count = chance(35) ? 5 : 3
        let nodes = (1...count).map { "n\($0)" }
        let disks = chance(40) ? "small" : "plain"
        lines.append("episode nodes \(count) \(profile()) disks \(disks)")
        var left = min(seconds, 75) - Self.frame
        var taken = Self.frame
        repeat {
            let longest = max(Self.window.lowerBound, min(Self.window.upperBound, left - Self.look))
            let length = Int.random(in: min(longest, 10)...longest, using: &dice)
            round(among: nodes, seconds: length)
            left -= length + Self.look
            taken += length + Self.look
        } while left >= Self.look + Self.window.lowerBound
        lines.append("stop")
        return taken
    }

    private mutating func profile() -> String {
        var rest = Int.random(in: 0..<Self.profiles.reduce(0) { $0 + $1.weight }, using: &dice)
        for profile in Self.profiles {
            rest -= profile.weight
            if rest < 0 { return profile.words }
        }
        preconditionFailure("the weights sum up to more than all of them")
    }

    /// Faults that begin and end at their times, some of them upon each other's heels; then all is healed.
    private mutating func round(among nodes: [String], seconds: Int) {
        var deeds: [(time: Int, text: String)] = []
        var time = 0
        while time < seconds * 1000 {
            deeds += deed(at: time, among: nodes)
            // What happens at one instant is where the documented gap begins, and where mistakes hide.
            time += chance(35) ? Int.random(in: 0...80, using: &dice) : Int.random(in: 300...2500, using: &dice)
        }
        let sorted = deeds.enumerated().sorted { ($0.element.time, $0.offset) < ($1.element.time, $1.offset) }
        lines += sorted.map(\.element.text)
        lines.append("heal")
        if chance(30) { lines.append("wipe \(nodes[Int.random(in: 0..<nodes.count, using: &dice)])") }
    }

    private mutating func deed(at time: Int, among nodes: [String]) -> [(time: Int, text: String)] {
        id += 1
        let fault = ChaosFault.draw(using: &dice)
        let anyone = nodes[Int.random(in: 0..<nodes.count, using: &dice)]
        let target = fault.isOfNode ? (chance(60) ? "holder" : anyone) : "all"
        let words = fault.argument.words(among: nodes, besides: anyone, using: &dice)
        let text = ([String(id), fault.name, target] + words).joined(separator: " ")
        let begin = (time, "do \(time) \(text)")
        guard let duration = fault.duration else { return [begin] }
        // Most are short: evenly spread over the orders of magnitude rather than over the range.
        let share = Double.random(in: 0...1, using: &dice)
        let length = duration.lowerBound + Int(Double(duration.upperBound - duration.lowerBound) * share * share)
        return [begin, (time + length, "undo \(time + length) \(text)")]
    }

    private mutating func chance(_ percent: Int) -> Bool { Int.random(in: 0..<100, using: &dice) < percent }
}

func chaosPlan(_ options: Options) throws {
    func number(_ name: String) throws -> UInt64 {
        let text = try options.required(name)
        guard let number = UInt64(text), number <= UInt64(Int.max) else {
            throw Complaint("--\(name) \(text) is not a number")
        }
        return number
    }
    let plan = ChaosPlan(seed: try number("seed"), seconds: Int(try number("seconds")))
    print(plan.lines.joined(separator: "\n"))
}
