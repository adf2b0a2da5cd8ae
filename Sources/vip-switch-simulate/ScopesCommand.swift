import Glibc
import Simulator

/// `scopes`: every order of what may happen in a small world, as deep as the time allows.
struct ScopesCommand {
    private var scopes = Scope.allCases
    private var depth = 100
    private var seconds = 60.0
    private var slip: Slip?

    static let usage = """
        usage: vip-switch-simulate scopes [--scenario NAME] [--depth N] [--seconds S] [--slip NAME]
        Tries every order of events around one heartbeat round of three nodes, for S seconds (60) of processor time a scenario.
        """

    /// More of them take more memory than a small machine has to spare: some 40 bytes each.
    private static let stateLimit = 40_000_000

    private var isHelpWanted = false

    init(_ words: [String]) throws(UsageError) {
        var arguments = Arguments(words)
        while let option = arguments.next() {
            switch option {
            case "--scenario": scopes = [try arguments.choice(of: option)]
            case "--depth": depth = try arguments.count(of: option, in: 1...1000)
            case "--seconds": seconds = try arguments.seconds(of: option)
            case "--slip": slip = try arguments.choice(of: option)
            case "--help", "-h": isHelpWanted = true
            default: throw UsageError("unknown option \(option)")
            }
        }
    }

    func run() -> Int32 {
        if isHelpWanted {
            print(Self.usage)
            return 0
        }
        return explore()
    }

    private func explore() -> Int32 {
        var isBroken = false
        for scope in scopes {
            var explorer = Explorer(scope, slip: slip)
            let watch = Stopwatch()
            explorer.explore(depth: depth, stateLimit: Self.stateLimit) { watch.seconds < seconds }
            print("\(explorer.summary), \(watch)")
            for line in explorer.finding.story { print("  \(line)") }
            isBroken = isBroken || explorer.finding.violation != nil
        }
        return isBroken ? 1 : 0
    }
}
