import Simulator
import Testing

@testable import vip_switch_simulate

@Suite struct `The command line of the simulator` {
    private func read(_ line: String) throws(UsageError) -> Options {
        try Options(line.split(separator: " ").map { String($0) })
    }

    @Test func `runs five nodes for 60 seconds unless told otherwise`() throws {
        let options = try read("")
        #expect(options.seeds == 1...1000)
        #expect(options.swarm == Swarm(nodes: 5...5, seconds: 60))
        #expect(options.failureLimit == 10)
        #expect(options.jobs >= 1)
    }

    @Test func `takes one seed or a range of them`() throws {
        #expect(try read("--seed 156").seeds == 156...156)
        #expect(try read("--seeds 7").seeds == 7...7)
        #expect(try read("--seeds 3..9").seeds == 3...9)
    }

    @Test func `takes back what a failing seed prints`() throws {
        var swarm = Swarm(nodes: 3...5, seconds: 20, exclusivity: .prompt, sabotage: .hastyWill)
        swarm.profile = .fast
        let reduction = Reduction(faults: [1], without: [2], until: .milliseconds(12_346))
        let options = try Options(["--seed", "4"] + swarm.arguments + reduction.arguments)
        #expect(options.swarm == swarm)
        #expect(options.reduction == reduction)
        #expect(options.seeds == 4...4)
        #expect(try read("--seed 4 --faults none").reduction == Reduction(faults: []))
    }

    @Test func `says how many faults there are to choose from`() {
        let count = Plan.random(seed: 1, Swarm(nodes: 5...5, seconds: 60)).faults.count
        #expect(throws: UsageError("--faults 999999: the plan of this seed has \(count) faults")) {
            try read("--seed 1 --faults 1,999999")
        }
    }

    @Test(arguments: [
        ("--quick", "unknown option --quick"),
        ("--seeds", "--seeds needs a value"),
        ("--seed 0", "--seed 0: expected a number from 1 on"),
        ("--seeds 9..3", "--seeds 9..3: expected N or A..B with A no greater than B, from 1 to 18446744073709551615"),
        ("--nodes 3..11", "--nodes 3..11: expected N or A..B with A no greater than B, from 1 to 10"),
        ("--nodes 3...5", "--nodes 3...5: expected N or A..B with A no greater than B, from 1 to 10"),
        ("--seconds nan", "--seconds nan: expected seconds above 0, at most 3600"),
        ("--jobs 0", "--jobs 0: expected a number from 1 to 256"),
        ("--profile slow", "--profile slow: expected one of lan, fast, turbo, wan"),
        ("--seed 1 --faults 1,x", "--faults 1,x: expected numbers from 1 on with commas between them, or none"),
        ("--seed 1 --without 6", "--without 6: the plan of this seed has 5 nodes"),
        ("--seed 1 --without 1,2,3,4,5", "--without leaves no node"),
        ("--trace", "--trace, --faults, --without and --until are for one plan: expected --seed N with them"),
    ])
    func `says what is wrong with it`(line: String, reason: String) {
        #expect(throws: UsageError(reason)) { try read(line) }
    }
}
