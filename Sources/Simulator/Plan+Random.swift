import Raft
import Storage
import Time

/// What a random plan may contain.
package struct Swarm: Hashable, Sendable {
    package var nodes: ClosedRange<Int>
    package var seconds: Double
    package var exclusivity: Exclusivity
    /// Nil: each plan draws one.
    package var profile: Profile?
    package var sabotage: Sabotage?

    package init(
        nodes: ClosedRange<Int> = 3...5,
        seconds: Double = 20,
        exclusivity: Exclusivity = .spared,
        profile: Profile? = nil,
        sabotage: Sabotage? = nil
    ) {
        self.nodes = nodes
        self.seconds = seconds
        self.exclusivity = exclusivity
        self.profile = profile
        self.sabotage = sabotage
    }
}

extension Plan {
    /// Draws a plan. Each seed has its own mix of faults, so that some runs have much of one kind and none of another.
    package static func random(seed: UInt64, _ swarm: Swarm = Swarm()) -> Plan {
        var dice = Dice(seed: seed, stream: .plan)
        let count = swarm.nodes.lowerBound + dice.index(below: swarm.nodes.count)
        let starts = (0..<count).map { _ in dice.span(0...(.milliseconds(dice.chance(0.5) ? 20 : 1500))) }
        let timings = timings(swarm)
        var plan = Plan(
            seed: seed,
            starts: starts,
            timing: dice.pick(timings),
            lasting: .seconds(swarm.seconds)
        )
        if dice.chance(0.25) { plan.promiseFactors = starts.map { _ in 1 + dice.index(below: 3) } }
        plan.exclusivity = swarm.exclusivity
        if swarm.exclusivity == .strict { plan.removal = Timing.lan.withdrawal.nanoseconds }
        plan.sabotage = swarm.sabotage
        plan.write = dice.span(.milliseconds(0.1)...min(.milliseconds(2), plan.timing.promise.nanoseconds / 100))
        plan.weather = plan.usualWeather(&dice)
        plan.compaction = dice.pick([2, 5, 20, 256])
        let losesMinority = dice.chance(0.3)
        if count > 2, dice.chance(0.2) { plan.witnesses = [dice.index(below: count)] }
        plan.drawFaults(&dice, timings)
        // A lost disk is a lost voter until it is taken in again.
        plan.losesMinority = losesMinority && !plan.losesDisk
        return plan
    }

    private static func timings(_ swarm: Swarm) -> [Timing] {
        if swarm.exclusivity == .strict { return [.strict, .strict, .slowStrict] }
        if let profile = swarm.profile { return [profile.timing] }
        return [.lan, .lan, .lan, .fast, .fast, .turbo, .wan]
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

    private mutating func drawFaults(_ dice: inout Dice, _ timings: [Timing]) {
        var kinds = FaultKind.allCases.filter {
            (exclusivity == .spared ? $0.sparesKeepers : true) && (!$0.losesDisk || starts.count > 2)
        }
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
            for step in steps(of: kind, at: moment, timings, &dice) where step.at < healedAt { faults.append(step) }
            if kind.losesDisk {
                kinds.removeAll(where: \.losesDisk)
                favourites.removeAll(where: \.losesDisk)
                if favourites.isEmpty { favourites = kinds }
            }
        }
    }

    /// Most kinds are one fault; some are several that belong together.
    private func steps(
        of kind: FaultKind,
        at moment: Nanoseconds,
        _ timings: [Timing],
        _ dice: inout Dice
    ) -> [Step] {
        switch kind {
        case .bridge: bridge(at: moment, &dice)
        case .swizzle: swizzle(at: moment, &dice)
        case .flapping: flapping(at: moment, &dice)
        case .retiming: retiming(at: moment, dice.pick(timings.filter(suits)), &dice)
        default: [Step(at: moment, fault: fault(kind, &dice))]
        }
    }

    /// Two halves that only one node of both hears (Howard and Abraham's five nodes).
    private func bridge(at moment: Nanoseconds, _ dice: inout Dice) -> [Step] {
        let order = dice.shuffle(Array(starts.indices))
        let (left, right) = (order.dropFirst().prefix(order.count / 2), order.dropFirst(1 + order.count / 2))
        let span = span(&dice)
        return left.flatMap { a in
            right.flatMap { b in
                [(a, b), (b, a)].map { Step(at: moment, fault: .cut(from: $0, to: $1, for: span)) }
            }
        }
    }

    /// Node after node is cut off, and comes back in another order (FoundationDB's swizzle).
    private func swizzle(at moment: Nanoseconds, _ dice: inout Dice) -> [Step] {
        let pause = dice.span(0...timing.promise.nanoseconds)
        let ends = dice.shuffle(Array(starts.indices))
        return dice.shuffle(Array(starts.indices)).enumerated().map { place, node in
            let (from, to) = (Nanoseconds(place) * pause, Nanoseconds(ends.count + ends[place]) * pause)
            return Step(at: moment + from, fault: .isolated(node, .both, for: max(1, to - from)))
        }
    }

    private func flapping(at moment: Nanoseconds, _ dice: inout Dice) -> [Step] {
        let node = dice.chance(0.5) ? Fault.holder : dice.index(below: starts.count)
        let (up, down) = (span(&dice), span(&dice))
        let direction = dice.pick(Fault.Direction.allCases)
        return (0..<Nanoseconds(2 + dice.index(below: 5))).map {
            Step(at: moment + $0 * (up + down), fault: .isolated(node, direction, for: down))
        }
    }

    /// Nobody chooses a timing that the network and the disks are too slow for.
    private func suits(_ timing: Timing) -> Bool {
        let promise = timing.promise.nanoseconds
        return timing == self.timing
            || weather.delay <= promise / 40 && weather.tail <= promise / 5 && write <= promise / 100
    }

    /// The operator changes the configuration of one node after the other, and sometimes forgets one.
    private func retiming(at moment: Nanoseconds, _ timing: Timing, _ dice: inout Dice) -> [Step] {
        let pause = dice.span(0...(4 * timing.promise.nanoseconds))
        let factor = 1 + dice.index(below: 3)
        let wish = ClusterTiming(heartbeat: timing.heartbeat, promise: timing.promise * factor)
        let changes = dice.shuffle(Array(starts.indices)).enumerated().compactMap { place, node in
            dice.chance(0.1) ? nil : Step(at: moment + Nanoseconds(place) * pause, fault: .retimed(node, wish))
        }
        // The quorum's last one puts it into force, and then the old promises still run.
        let force = moment + Nanoseconds(starts.count / 2) * pause + dice.span(0...(timing.promise.nanoseconds / 2))
        return dice.chance(0.5) ? changes + coup(at: force, &dice) : changes
    }

    /// The holder is cut off, and all others start anew at the same time: they owe what the disk says that they owe.
    private func coup(at moment: Nanoseconds, _ dice: inout Dice) -> [Step] {
        let pause = dice.span(0...(self.timing.promise.nanoseconds / 2))
        return [
            Step(at: moment, fault: .isolated(Fault.holder, .both, for: span(&dice))),
            Step(at: moment, fault: .othersKilled(than: Fault.holder, restartAfter: pause)),
        ]
    }

    fileprivate enum FaultKind: CaseIterable {
        case cut, isolation, partition, bridge, swizzle, flapping, lag, weather
        case kill, crowd, stop, terminate, power, suspend, freeze, slowKeeper, lostDisk, disk, clock, clocks
        case transfer, membership, memberships, notes, retiming
        case rottenDisk, hungDisk, fullDisk, failingDisk
        case killAll, stopAll, stopKeeper, killKeeper

        /// Once a run: what a quorum has lost nobody has.
        var losesDisk: Bool { self == .lostDisk || self == .rottenDisk }

        var sparesKeepers: Bool {
            switch self {
            case .killAll, .stopAll, .stopKeeper, .killKeeper: false
            default: true
            }
        }
    }

    private func fault(_ kind: FaultKind, _ dice: inout Dice) -> Fault {
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
        case .rottenDisk: bitTurned(node, &dice)
        case .hungDisk: .diskHung(node, for: duration)
        case .fullDisk: .diskFull(node, for: duration)
        case .failingDisk: .syncFailing(node, for: duration)
        case .clock, .clocks: clocksChanged(node, &dice)
        case .crowd: .othersKilled(than: node, restartAfter: dice.span(0...(timing.promise.nanoseconds / 2)))
        case .killAll: .everythingKilled(node, restartAfter: duration)
        case .stopAll: .everythingStopped(node, for: duration)
        case .stopKeeper: .keeperStopped(node, for: duration)
        case .killKeeper: .keeperKilled(node)
        case .suspend: .suspended(node, for: duration)
        case .freeze: .frozen(node, for: duration)
        case .slowKeeper: .slowKeeper(node, for: duration)
        case .transfer: .asked(.transfer(to: dice.chance(0.5) ? nil : dice.index(below: starts.count)))
        case .membership, .memberships: .asked(membershipWish(node, &dice))
        case .notes: .asked(.notes(1 + dice.index(below: 8)))
        case .bridge, .swizzle, .flapping, .retiming: preconditionFailure("\(kind) is several faults")
        }
    }

    private func membershipWish(_ node: Int, _ dice: inout Dice) -> Wish {
        let other = dice.index(below: starts.count)
        return switch dice.index(below: 6) {
        case 0: .remove(node)
        case 1: .demote(node)
        case 2: .promote(other)
        case 3: .add(other, isLearner: true)
        default: .add(other, isLearner: false)
        }
    }

    /// Around the promise most often, where things are decided; sometimes much longer.
    private func span(_ dice: inout Dice) -> Nanoseconds {
        let promise = timing.promise.nanoseconds
        return dice.chance(0.7) ? dice.span(promise / 20...(2 * promise)) : dice.span(promise...(promise + .seconds(4)))
    }

    /// A slot is small in its file, and the second one does not matter.
    private func bitTurned(_ node: Int, _ dice: inout Dice) -> Fault {
        let file: StoredFile = dice.chance(0.5) ? .state : .log
        let bit = dice.index(below: file == .state && dice.chance(0.7) ? 4096 : 1 << 20)
        return .bitTurned(node, in: file, bit: bit, restartAfter: .seconds(1) + dice.span(0...(.seconds(1))))
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
