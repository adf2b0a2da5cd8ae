import Simulator

/// `graphs`: every way in which directed links between a few nodes can work or not.
struct GraphsCommand {
    private var nodes: [Int] = [3, 4, 5]
    private var seconds = 60.0
    private var seed: UInt64 = 1

    static let usage = """
        usage: vip-switch-simulate graphs [--nodes 3|4|5] [--seconds S] [--seed N]
        Lets a cluster live on each directed graph of links, for S seconds (60) of processor time a size at most.
        """

    private var isHelpWanted = false

    init(_ words: [String]) throws(UsageError) {
        var arguments = Arguments(words)
        while let option = arguments.next() {
            switch option {
            case "--nodes": nodes = [try arguments.count(of: option, in: 3...5)]
            case "--seconds": seconds = try arguments.seconds(of: option)
            case "--seed": seed = try arguments.seed(of: option)
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
        return survey()
    }

    private func survey() -> Int32 {
        var isBroken = false
        for size in nodes {
            var survey = GraphSurvey(nodes: size, seed: seed)
            let watch = Stopwatch()
            while !survey.isExhausted, watch.seconds < seconds { survey.runNext() }
            for line in survey.summary { print(line) }
            print("\(size) nodes: seed \(seed), \(survey.failureCount) failures, \(watch)")
            for failure in survey.failures { print("  \(failure)") }
            isBroken = isBroken || survey.failureCount > 0
        }
        return isBroken ? 1 : 0
    }
}
