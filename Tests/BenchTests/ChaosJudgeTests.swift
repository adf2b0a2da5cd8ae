import Testing

@testable import vip_switch_bench

@Suite struct `The judge of a chaos run` {
    /// n1 holds until 1,000 ms and n2 from 1,010 ms on, of three nodes.
    private func judge(
        _ deeds: [(Int64, String)],
        n1: [Range<Int64>] = [ms(0)..<ms(1000)],
        n2: [Range<Int64>] = [ms(1010)..<ms(9000)],
        prompt: Bool = true
    ) -> ChaosJudge {
        var all = Deeds()
        all.lines = deeds.map { (ms($0.0), $0.1) } + [(ms(9000), "end")]
        return ChaosJudge(
            deeds: all,
            holdings: ["n1": n1, "n2": n2, "n3": []],
            answers: [],
            exclusivity: prompt ? .prompt : .strict,
            bound: ms(5000)
        )
    }

    private func texts(_ judge: ChaosJudge) -> [String] { judge.violations.map(\.text) }

    private let twoForAWhile = ["two holders for 490.0 ms: n1, n2"]
    private let late = [ms(0)..<ms(1500)]
    private let allKilled: [(Int64, String)] = [
        (1000, "losing agent n1"), (1000, "losing keeper n1"), (1001, "lost agent n1"), (1001, "lost keeper n1"),
    ]

    @Test func `finds nothing where one follows the other`() {
        #expect(texts(judge([])) == [])
    }

    @Test func `finds two holders, however short`() {
        #expect(texts(judge([], n1: late)) == twoForAWhile)
        #expect(judge([], n1: late).violations.first?.span == ms(1010)..<ms(1500))
        #expect(judge([], n1: [0..<ms(1010) + 1]).violations.count == 1)
    }

    @Test func `excuses a holder whose processes were all killed, as long as the kernel may take`() {
        #expect(texts(judge(allKilled, n1: late)) == [])
        #expect(texts(judge(allKilled, n1: [ms(0)..<ms(2400)])) == ["two holders for 99.0 ms: n1, n2"])
    }

    @Test func `excuses nothing before the deed, nothing on another node, and nothing in strict`() {
        #expect(texts(judge(allKilled.map { ($0.0 + 200, $0.1) }, n1: late)) == ["two holders for 190.0 ms: n1, n2"])
        let elsewhere = allKilled.map { ($0.0, $0.1.replacing("n1", with: "n3")) }
        #expect(texts(judge(elsewhere, n1: late)) == twoForAWhile)
        #expect(texts(judge(allKilled, n1: late, prompt: false)) == twoForAWhile)
    }

    @Test func `does not excuse a keeper that is killed alone, nor an agent`() {
        #expect(texts(judge(allKilled.filter { $0.1.contains("keeper") }, n1: late)) == twoForAWhile)
        #expect(texts(judge(allKilled.filter { $0.1.contains("agent") }, n1: late)) == twoForAWhile)
    }

    @Test func `excuses a lost keeper on a node that is cut off, from the moment at which both are true`() {
        let keeper = allKilled.filter { $0.1.contains("keeper") }
        #expect(texts(judge(keeper + [(1005, "losing network n1"), (1006, "lost network n1")], n1: late)) == [])
        #expect(
            texts(judge(keeper + [(1300, "losing network n1"), (1301, "lost network n1")], n1: late))
                == ["two holders for 290.0 ms: n1, n2"]
        )
        #expect(
            texts(judge(keeper + [(1005, "losing pair n1 n2"), (1005, "losing pair n1 n3")], n1: late)) == []
        )
        #expect(texts(judge(keeper + [(1005, "losing pair n1 n2")], n1: late)) == twoForAWhile)
    }

    @Test func `does not excuse a lost keeper for what has long been over`() {
        let keeper = allKilled.filter { $0.1.contains("keeper") }
        let before: [(Int64, String)] = [
            (-4000, "losing network n1"), (-3900, "lost network n1"), (-2100, "regained network n1"),
            (-900, "losing agent n1"), (-800, "lost agent n1"), (-100, "regained agent n1"),
        ]
        #expect(texts(judge(before + keeper, n1: late)) == twoForAWhile)
    }

    @Test func `lets a keeper that goes on act at once`() {
        let goesOn = allKilled + [(1200, "regained keeper n1"), (1200, "regained agent n1")]
        #expect(texts(judge(goesOn, n1: late)) == ["two holders for 200.0 ms: n1, n2"])
        let another = allKilled + [(1200, "renewed keeper n1"), (1200, "renewed agent n1")]
        #expect(texts(judge(another, n1: late)) == [])
    }

    @Test func `excuses what a stranger puts on, for a second`() {
        let stranger: [(Int64, String)] = [(4000, "losing addresses n1"), (4002, "lost addresses n1")]
        let strange = [ms(0)..<ms(1000), ms(4001)..<ms(4900)]
        #expect(texts(judge(stranger, n1: strange)) == [])
        #expect(texts(judge(stranger, n1: strange, prompt: false)) == [])
        #expect(judge(stranger, n1: [ms(4001)..<ms(5500)]).violations.map(\.span) == [ms(5002)..<ms(5500)])
    }

    @Test func `looks at the answers where there is a fence, and excuses nobody`() {
        let answering = ["n1": [ms(0)..<ms(1020)], "n2": [ms(1010)..<ms(9000)], "n3": []]
        var fenced = ChaosJudge(
            deeds: judge(allKilled).deeds,
            holdings: ["n1": late, "n2": [ms(1010)..<ms(9000)], "n3": []],
            answers: [],
            exclusivity: .fenced,
            answering: answering,
            bound: ms(5000)
        )
        #expect(texts(fenced) == ["two nodes answer for 10.0 ms: n1, n2"])
        fenced.answering["n1"] = [ms(0)..<ms(1010)]
        #expect(texts(fenced) == [])
    }

    @Test func `counts as answering only what is sure`() {
        let answers: [(sent: Int64, received: Int64)] = [
            (100, 101), (102, 103), (104, 109), (130, 131), (150, 151), (152, 153),
        ]
        #expect(
            Answering(answers.map { (sent: ms($0.sent), received: ms($0.received)) }).spans
                == [ms(101)..<ms(104), ms(151)..<ms(152)]
        )
    }

    @Test func `finds three holders of which one is excused`() {
        var three = judge(allKilled, n1: late)
        three = ChaosJudge(
            deeds: three.deeds,
            holdings: ["n1": late, "n2": [ms(1010)..<ms(9000)], "n3": [ms(1100)..<ms(1200)]],
            answers: [],
            exclusivity: .prompt,
            bound: three.bound
        )
        #expect(texts(three) == ["two holders for 100.0 ms: n2, n3"])
    }

    @Test func `finds an address that outlives its node`() {
        #expect(
            texts(judge(allKilled, n1: [ms(0)..<ms(4000)], n2: [])) == ["left behind on n1 for more than 2000.0 ms"]
        )
        #expect(texts(judge(allKilled, n1: [ms(0)..<ms(2900)], n2: [])) == [])
    }

    @Test func `finds a VIP that does not come back, comes late, or does not answer`() {
        let none = judge([(2000, "heal"), (8000, "late")], n1: [], n2: [])
        #expect(texts(none) == ["the VIP was not back 6000.0 ms after all was healed"])
        let late = judge([(2000, "heal"), (7500, "back")], n1: [], n2: [ms(7400)..<ms(9000)])
        #expect(texts(late) == ["the VIP was back only 5500.0 ms after all was healed"])
        let mute = judge([(2000, "heal"), (3000, "back"), (5000, "quiet")])
        #expect(texts(mute) == ["no answer for 2000.0 ms although nothing is broken"])
        let gone = judge([(2000, "heal"), (3000, "back"), (3900, "quiet")], n2: [ms(1010)..<ms(2800)])
        #expect(texts(gone) == ["no holder although nothing is broken"])
    }

    @Test func `tells what was done around it`() {
        let found = judge([(900, "do 1 add n1")], n1: late)
        let span = found.violations[0].span
        #expect(
            found.story(around: span) == [
                "     0.0000 s  do 1 add n1", "     0.1100 s      n2 has the VIP",
                "     0.6000 s      n1 has it no more",
            ]
        )
    }
}

@Suite struct `The plan of a chaos run` {
    @Test(arguments: [1, 2, 77, UInt64.max >> 1]) func `is the same for the same seed`(seed: UInt64) {
        let plan = ChaosPlan(seed: seed, seconds: 300)
        #expect(plan.lines == ChaosPlan(seed: seed, seconds: 300).lines)
        #expect(plan.lines != ChaosPlan(seed: seed + 1, seconds: 300).lines)
    }

    @Test func `draws every fault, and undoes each that lasts`() {
        let lines = ChaosPlan(seed: 1, seconds: 36_000).lines.map { $0.split(separator: " ") }
        let done = lines.filter { $0[0] == "do" }
        for fault in ChaosFault.all {
            let ids = Set(done.filter { $0[3] == fault.name }.map { $0[2] })
            let undone = Set(lines.filter { $0[0] == "undo" && $0[3] == fault.name }.map { $0[2] })
            #expect(!ids.isEmpty, "\(fault.name)")
            #expect(undone == (fault.duration == nil ? [] : ids), "\(fault.name)")
        }
    }

    @Test(arguments: 1...50) func `has at least one round, and heals after each`(seed: UInt64) {
        let words = ChaosPlan(seed: seed, seconds: 10).lines.compactMap { $0.split(separator: " ").first }
        #expect(words.first == "episode")
        #expect(words.last == "stop")
        #expect(words.contains("heal"))
    }
}

private func ms(_ milliseconds: Int64) -> Int64 { milliseconds * 1_000_000 }
