import Net
package import Raft
import Time

/// A whole cluster in one thread: cores that are the real ones, and around them disks, networks, keepers, kernels and
/// clocks that fail as the plan says.
///
/// Nothing but the plan decides what happens: no clock, no chance of the system, no order of a hash table.
package final class Simulation {
    enum Occurrence {
        case starts(Machine)
        case boots(Machine, run: Int)
        case agentWakes(Machine, run: Int, at: Nanoseconds)
        case arrives(Datagram)
        case writeEnds(Machine, run: Int)
        case agentHears(Machine, run: Int, Agent.Input)
        case agentResumes(Machine, run: Int)
        case keeperHears(Machine, run: Int, Keeper.Request)
        case keeperWakes(Machine, run: Int, at: Nanoseconds)
        case kernelAnswers(Machine, run: Int)
        case kernelExpires(Machine)
        case keeperResumes(Machine, run: Int)
        case keeperMissed(Machine, run: Int)
        case goesOn(Machine, excusedFor: Nanoseconds)
        case agentLooks(Machine, run: Int)
        indirect case faultBegins(Fault)
        indirect case faultEnds(Fault)
        case heals
    }

    package let plan: Plan
    package internal(set) var trace: Trace
    /// True time.
    package internal(set) var moment: Nanoseconds = 0
    package internal(set) var occurrences = 0
    private var occurrencesBefore = 0
    var agenda = Agenda<Occurrence>()
    let machines: [Machine]
    var network: Network
    var checker: Checker
    var isHealed = false
    /// When the last datagram arrives that a leader sent before all healed: it renews a promise to whoever is lost by then.
    var lastOldRenewal: Nanoseconds = 0

    var diskDice: Dice
    var clockDice: Dice
    var processDice: Dice
    var keeperDice: Dice
    var coreDice: Dice
    let names: [NodeID]
    var mischief: Mischief
    var requestNumber: UInt64 = 0

    package init(_ plan: Plan, isTraced: Bool = false) {
        self.plan = plan
        trace = Trace(isOn: isTraced)
        network = Network(
            nodes: plan.starts.count,
            weather: plan.weather,
            dice: Dice(seed: plan.seed, stream: .network)
        )
        diskDice = Dice(seed: plan.seed, stream: .disk)
        clockDice = Dice(seed: plan.seed, stream: .clock)
        processDice = Dice(seed: plan.seed, stream: .processes)
        keeperDice = Dice(seed: plan.seed, stream: .keeper)
        coreDice = Dice(seed: plan.seed, stream: .core)
        machines = Simulation.machines(plan, &coreDice, &clockDice)
        names = machines.map(\.settings.id)
        mischief = Mischief(plan)
        checker = Checker(plan: plan)
        noteWhatIsKnown()
    }

    private func noteWhatIsKnown() {
        for (machine, start) in zip(machines, plan.starts) {
            if let start {
                machine.isStarting = true
                agenda.note(.starts(machine), at: start)
            }
        }
        for step in plan.faults where step.at < plan.healedAt { agenda.note(.faultBegins(step.fault), at: step.at) }
        agenda.note(.heals, at: plan.healedAt)
    }

    /// Runs to the end of the calm that follows the last fault, or to the first violation.
    package func run() -> Outcome {
        while checker.violation == nil, let next = agenda.next, next < end {
            checker.watch(until: next)
            guard checker.violation == nil, let occurrence = agenda.take() else { break }
            noteOccurrence(at: next)
            happen(occurrence)
            if plan.exclusivity == .prompt { checker.look(at: machines, at: moment) }
        }
        if checker.violation == nil { checker.finish(at: end) }
        return Outcome(self)
    }

    private var end: Nanoseconds { checker.recoveryEnd + plan.calm }

    /// Nodes that answer each other without end would never let time pass.
    private func noteOccurrence(at next: Nanoseconds) {
        if next / .seconds(1) != moment / .seconds(1) { occurrencesBefore = occurrences }
        moment = next
        occurrences += 1
        if occurrences - occurrencesBefore == Self.stormLimit {
            checker.violate(.storm, "\(Self.stormLimit) in this second", at: moment)
        }
    }

    private static let stormLimit = 100_000

    private func happen(_ occurrence: Occurrence) {
        switch occurrence {
        case .starts(let machine): start(machine)
        case .boots(let machine, let run): if run == machine.run { boot(machine) }
        case .agentWakes(let machine, let run, let at): if run == machine.run { wake(machine, armedFor: at) }
        case .arrives(let datagram): arrive(datagram)
        case .writeEnds(let machine, let run): if run == machine.writesRun { endWrite(of: machine) }
        case .agentHears(let machine, let run, let input): if run == machine.run { hand(input, to: machine) }
        case .agentResumes(let machine, let run): if run == machine.run { resume(machine) }
        case .keeperHears(let machine, let run, let request):
            if run == machine.keeperRun { keeper(of: machine, hears: request) }
        case .keeperWakes(let machine, let run, let at):
            if run == machine.keeperRun { wakeKeeper(of: machine, armedFor: at) }
        case .kernelAnswers(let machine, let run): if run == machine.keeperRun { answer(machine) }
        case .kernelExpires(let machine): expire(machine)
        case .keeperResumes(let machine, let run): if run == machine.keeperRun { resumeKeeper(of: machine) }
        case .keeperMissed(let machine, let run): if run == machine.run { missKeeper(of: machine) }
        case .agentLooks(let machine, let run): if run == machine.run { lookForVIPs(on: machine) }
        case .goesOn(let machine, let span): goOn(machine, excusedFor: span)
        case .faultBegins(let fault): begin(fault)
        case .faultEnds(let fault): if !isHealed { end(fault) }
        case .heals: heal()
        }
    }
}

extension Simulation {
    private static func machines(_ plan: Plan, _ dice: inout Dice, _ clockDice: inout Dice) -> [Machine] {
        let nodes = plan.starts.indices.compactMap { index in
            NodeID("n\(index + 1)").map {
                ConfiguredNode(id: $0, endpoint: Endpoint(address: .v4(0x0a00_0001 + UInt32(index)), port: 7946))
            }
        }
        return nodes.enumerated().map { index, node in
            let known = plan.misconfigured.contains(index) ? Array(nodes.dropLast()) : nodes
            let mayHold = !plan.witnesses.contains(index)
            let fitness = Fitness(priority: UInt16(100 + dice.index(below: 3)), mayHold: mayHold)
            return Machine(
                index: index,
                settings: Settings(
                    id: node.id,
                    nodes: known,
                    timing: plan.timing(of: index),
                    fitness: fitness,
                    compaction: plan.compaction
                ),
                clock: NodeClock(startedAt: 0, showing: uptime(&clockDice), rates: .exact),
                disk: Disk(
                    storage: StorageID(UInt128(dice.roll()) << 64 | UInt128(dice.roll())),
                    dice: Dice(seed: plan.seed, stream: .disk, number: index + 1),
                    keepsFormer: plan.sabotage == .staleDisk
                ),
                hasFence: plan.exclusivity == .fenced
            )
        }
    }

    /// A machine that has been up for some seconds to some weeks, and has slept a part of it.
    static func uptime(_ dice: inout Dice) -> Instant {
        let awake = dice.tail(.seconds(10), most: .seconds(2_000_000))
        return Instant(
            boottime: awake + (dice.chance(0.5) ? 0 : dice.tail(.seconds(1), most: .seconds(10_000))),
            raw: awake
        )
    }
}

/// That a node had the VIP in its kernel, and when in true time.
package struct Holding: Hashable, Sendable {
    package let node: Int
    package let from: Nanoseconds
    /// Nil: it still has it.
    package internal(set) var to: Nanoseconds?
}

/// How a run went.
package struct Outcome: Sendable {
    package let plan: Plan
    package let violation: Violation?
    package let occurrences: Int
    /// From the end of the faults to the holder that stayed.
    package let recovery: Nanoseconds?
    /// Which node led in each term that had a leader.
    package let leaders: [Term: Int]
    package let holdings: [Holding]
    package let trace: [String]

    package var terms: Int { leaders.count }

    init(_ simulation: Simulation) {
        plan = simulation.plan
        violation = simulation.checker.violation
        occurrences = simulation.occurrences
        recovery = simulation.checker.recovery
        leaders = simulation.checker.leaders
        holdings = simulation.checker.holdings
        trace = simulation.trace.lines
    }
}

extension Simulation {
    /// Runs a plan; one that fails is run once more, which is the same again, to write its story down.
    package static func run(_ plan: Plan) -> Outcome {
        let outcome = Simulation(plan).run()
        return outcome.violation == nil ? outcome : Simulation(plan, isTraced: true).run()
    }
}
