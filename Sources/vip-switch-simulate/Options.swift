import Glibc
import Simulator

/// What the command line asks of a survey of seeds, or of the story of one.
struct Options {
    var seeds: ClosedRange<UInt64> = 1...1000
    var swarm = Swarm(nodes: 5...5, seconds: 60)
    var reduction = Reduction.none
    var isTraced = false
    var isMinimised = true
    var isHelpWanted = false
    /// Processes that share the seeds.
    var jobs = cores
    /// After so many failing seeds the rest is left.
    var failureLimit = 10
    /// No seed is begun after so many seconds.
    var time: Double?

    static var cores: Int { max(1, sysconf(Int32(_SC_NPROCESSORS_ONLN))) }

    static let usage = """
        usage: vip-switch-simulate [--seed N | --seeds A..B] [--nodes N | --nodes A..B] [--seconds S] [--profile NAME]
                                   [--prompt | --strict | --fenced] [--sabotage KIND] [--jobs N] [--failures N] [--for SECONDS] [--whole]
               vip-switch-simulate [--trace] --seed N [options of the swarm] [--faults N,N,… | none] [--without N,…]
                                   [--until SECONDS]
               vip-switch-simulate failover | scopes | graphs | script | sabotages [--help]

        Runs the election over simulated networks, disks, clocks and keepers, for each seed from A to B.

          --nodes, --seconds     of a plan: nodes (default 5), and the time until everything heals (default 60)
          --profile NAME         lan, fast, turbo or wan for all plans; default: each has its own
          --prompt               keepers may be killed or stopped, too, as `exclusivity: prompt` has it
          --strict, --fenced     the same with `exclusivity: strict`, without and with a fence
          --sabotage KIND        plants a mistake, to see that it is caught; `sabotages --help` says more
          --jobs N               processes that share the seeds; default: one for each core
          --failures N           ends after so many failing seeds (default 10)
          --for SECONDS          begins no seed after that time
          --whole                does not make failing runs smaller
          --trace                tells the story of the one seed
          --faults, --without, --until
                                 of the seed's plan: the faults kept, the nodes left out, an earlier end; a failing seed
                                 prints them

        Ends with 0; with 1 when a rule was broken; with 2 when the command line is wrong.
        """

    init(_ words: [String]) throws(UsageError) {
        var arguments = Arguments(words)
        while let option = arguments.next() {
            if take(option) { continue }
            guard try take(option, &arguments) else { throw UsageError("unknown option \(option)") }
        }
        try judge()
    }

    private mutating func take(_ option: String) -> Bool {
        switch option {
        case "--prompt": swarm.exclusivity = .prompt
        case "--strict": swarm.exclusivity = .strict
        case "--fenced": swarm.exclusivity = .fenced
        case "--trace": isTraced = true
        case "--whole": isMinimised = false
        case "--help", "-h": isHelpWanted = true
        default: return false
        }
        return true
    }

    private mutating func take(_ option: String, _ arguments: inout Arguments) throws(UsageError) -> Bool {
        switch option {
        case "--seed":
            let seed = try arguments.seed(of: option)
            seeds = seed...seed
        case "--seeds": seeds = try arguments.range(of: option, in: 1...(.max))
        case "--nodes":
            let nodes = try arguments.range(of: option, in: 1...10)
            swarm.nodes = Int(nodes.lowerBound)...Int(nodes.upperBound)
        case "--seconds": swarm.seconds = try arguments.seconds(of: option)
        case "--profile": swarm.profile = try arguments.choice(of: option)
        case "--sabotage": swarm.sabotage = try arguments.choice(of: option)
        case "--jobs": jobs = try arguments.count(of: option, in: 1...256)
        case "--failures": failureLimit = try arguments.count(of: option, in: 1...1_000_000)
        case "--for": time = try arguments.seconds(of: option)
        case "--faults": reduction.faults = try arguments.numbers(of: option)
        case "--without": reduction.without = try arguments.numbers(of: option)
        // To the millisecond, as a failing seed prints it.
        case "--until": reduction.until = try Nanoseconds((arguments.seconds(of: option) * 1000).rounded()) * 1_000_000
        default: return false
        }
        return true
    }

    /// What fits one plan only asks for one, and must leave something of it.
    private func judge() throws(UsageError) {
        guard isTraced || reduction != .none, !isHelpWanted else { return }
        guard seeds.count == 1 else {
            throw UsageError("--trace, --faults, --without and --until are for one plan: expected --seed N with them")
        }
        let plan = Plan.random(seed: seeds.lowerBound, swarm)
        if let number = reduction.faults?.first(where: { $0 > plan.faults.count }) {
            throw UsageError("--faults \(number): the plan of this seed has \(plan.faults.count) faults")
        }
        if let number = reduction.without.first(where: { $0 > plan.starts.count }) {
            throw UsageError("--without \(number): the plan of this seed has \(plan.starts.count) nodes")
        }
        if Set(reduction.without).count == plan.starts.count {
            throw UsageError("--without leaves no node")
        }
    }
}
