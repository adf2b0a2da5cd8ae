import Raft
import Time

/// What a random plan may contain.
package struct Swarm: Hashable, Sendable {
    package var nodes: ClosedRange<Int>
    package var seconds: Double
    /// With `prompt`, keepers may be killed or stopped, too.
    package var isStrict: Bool
    package var sabotage: Sabotage?

    package init(
        nodes: ClosedRange<Int> = 3...5,
        seconds: Double = 20,
        isStrict: Bool = true,
        sabotage: Sabotage? = nil
    ) {
        self.nodes = nodes
        self.seconds = seconds
        self.isStrict = isStrict
        self.sabotage = sabotage
    }
}

extension Plan {
    /// Draws a plan. Each seed has its own mix of faults, so that some runs have much of one kind and none of another.
    package static func random(seed: UInt64, _ swarm: Swarm = Swarm()) -> Plan {
        var dice = Dice(seed: seed, stream: .plan)
        let count = swarm.nodes.lowerBound + dice.index(below: swarm.nodes.count)
        let starts = (0..<count).map { _ in dice.span(0...(.milliseconds(dice.chance(0.5) ? 20 : 1500))) }
        var plan = Plan(
            seed: seed,
            starts: starts,
            timing: dice.pick([.lan, .lan, .lan, .fast, .fast, .turbo, .wan]),
            lasting: .seconds(swarm.seconds)
        )
        if dice.chance(0.25) { plan.promiseFactors = starts.map { _ in 1 + dice.index(below: 3) } }
        plan.isStrict = swarm.isStrict
        plan.sabotage = swarm.sabotage
        plan.write = dice.span(.milliseconds(0.1)...min(.milliseconds(2), plan.timing.promise.nanoseconds / 100))
        plan.weather = plan.usualWeather(&dice)
        plan.drawFaults(&dice)
        return plan
    }

    private func usualWeather(_ dice: inout Dice) -> Weather {
        Weather(
            loss: dice.chance(0.5) ? 0 : 0.05 * dice.fraction(),
            duplication: dice.chance(0.5) ? 0 : 0.1 * dice.fraction(),
            delay: dice.span(.milliseconds(0.05)...(timing.promise.nanoseconds / 40)),
            tail: dice.span(.milliseconds(0.5)...(timing.promise.nanoseconds / 5)),
            tailChance: 0.02 * dice.fraction()
        )
    }

    private mutating func drawFaults(_ dice: inout Dice) {
        var kinds = Kind.allCases.filter { (isStrict ? $0.isStrict : true) && ($0 != .lostDisk || starts.count > 2) }
        var favourites = kinds.filter { _ in dice.chance(0.4) }
        if favourites.isEmpty { favourites = kinds }
        let gap = Nanoseconds.milliseconds(dice.pick([100, 300, 1000, 3000]))
        var moment: Nanoseconds = dice.chance(0.3) ? 0 : .seconds(2)
        while true {
            // Two faults within one promise are worth more than ten an hour apart.
            let pause = dice.chance(0.4) ? dice.span(0...timing.promise.nanoseconds) : dice.tail(gap, most: 4 * gap)
            moment += pause
            guard moment < healedAt else { return }
            let kind = dice.pick(favourites)
            faults.append(Step(at: moment, fault: fault(kind, &dice)))
            if kind == .lostDisk {
                kinds.removeAll { $0 == .lostDisk }
                favourites = favourites == [kind] ? kinds : favourites.filter { $0 != kind }
            }
        }
    }

    private enum Kind: CaseIterable {
        case cut, isolation, partition, lag, weather, kill, crowd, stop, terminate, power, lostDisk, disk, clock, clocks
        case killAll, stopAll, stopKeeper, killKeeper

        var isStrict: Bool {
            switch self {
            case .killAll, .stopAll, .stopKeeper, .killKeeper: false
            default: true
            }
        }
    }

    private func fault(_ kind: Kind, _ dice: inout Dice) -> Fault {
        // Where it hurts most, often enough.
        let node = dice.chance(0.4) ? Fault.holder : dice.index(below: starts.count)
        let duration = span(&dice)
        return switch kind {
        case .cut: .cut(from: node, to: dice.index(below: starts.count), for: 2 * duration)
        case .isolation: .isolated(node, dice.pick(Fault.Direction.allCases), for: duration)
        case .partition: .partitioned(side(&dice), isSymmetric: dice.chance(0.5), for: duration)
        case .lag: .lagging(node, dice.pick(Fault.Direction.allCases), by: lag(&dice), for: duration)
        case .weather: .badWeather(badWeather(&dice), for: duration)
        case .kill: .agentKilled(node, restartAfter: duration)
        case .stop: .agentStopped(node, for: duration)
        case .terminate: .agentTerminated(node, restartAfter: duration)
        case .power: .powerLost(node, restartAfter: .milliseconds(500) + duration)
        case .lostDisk: .diskLost(node, restartAfter: .seconds(3) + duration)
        case .disk: .slowDisk(node, write: dice.tail(.milliseconds(5), most: .seconds(2)), for: duration)
        case .clock, .clocks: clocksChanged(node, &dice)
        case .crowd: .othersKilled(than: node, restartAfter: dice.span(0...(timing.promise.nanoseconds / 2)))
        case .killAll: .everythingKilled(node, restartAfter: duration)
        case .stopAll: .everythingStopped(node, for: duration)
        case .stopKeeper: .keeperStopped(node, for: duration)
        case .killKeeper: .keeperKilled(node)
        }
    }

    /// Around the promise most often, where things are decided; sometimes much longer.
    private func span(_ dice: inout Dice) -> Nanoseconds {
        let promise = timing.promise.nanoseconds
        return dice.chance(0.7) ? dice.span(promise / 20...(2 * promise)) : dice.span(promise...(promise + .seconds(4)))
    }

    private func side(_ dice: inout Dice) -> [Int] {
        Array(dice.shuffle(Array(starts.indices)).prefix(1 + dice.index(below: max(1, starts.count / 2 + 1))))
    }

    private func badWeather(_ dice: inout Dice) -> Weather {
        Weather(
            loss: 0.6 * dice.fraction(),
            duplication: 0.5 * dice.fraction(),
            delay: dice.span(weather.delay...(timing.promise.nanoseconds / 4)),
            tail: timing.promise.nanoseconds / 2,
            tailChance: 0.3 * dice.fraction()
        )
    }

    private func lag(_ dice: inout Dice) -> Nanoseconds {
        dice.span(timing.promise.nanoseconds / 20...timing.promise.nanoseconds)
    }

    /// The oscillators are right to 0.1 %; NTP slews BOOTTIME by up to a tenth.
    private func clocksChanged(_ node: Int, _ dice: inout Dice) -> Fault {
        let limit: Int64 = sabotage == .wildClocks ? 40_000 : 1_000
        let raw = 1_000_000 + (dice.chance(0.5) ? dice.span(-limit...limit) : dice.pick([-limit, limit]))
        let slew = dice.pick([0, 0, dice.span(-100_000...100_000), 100_000, -100_000])
        return .clocksChanged(node, boottime: raw + raw * slew / 1_000_000, raw: raw)
    }
}
