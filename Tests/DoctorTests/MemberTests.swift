import Doctor
import Testing
import Time

private func member(_ id: String = "n2", _ change: (inout MemberFacts) -> Void = { _ in }) -> MemberFacts {
    var facts = MemberFacts(id: id, address: "192.0.2.2:7946")
    facts.sent = 80
    (facts.sentLong, facts.receivedLong) = (20, 20)
    facts.roundTrips = Array(repeating: .microseconds(300), count: 79) + [.milliseconds(2)]
    change(&facts)
    return facts
}

private func disk(_ write: Duration) -> DiskFacts {
    var facts = DiskFacts(directory: "/d")
    facts.writes = Array(repeating: write, count: 50)
    return facts
}

@Suite struct `A member` {
    @Test func `that answers is told with figures`() {
        #expect(
            findings { $0.members = [member()] }.lines(.member)
                == ["ok n2: 192.0.2.2:7946: round trip 0.30 ms, 2.00 ms at worst, 0.0 % lost"]
        )
    }

    @Test func `that loses much is a warning`() {
        let found = findings { $0.members = [member { $0.roundTrips.removeLast(8) }] }
        #expect(found.worst(.member) == .warning)
        #expect(found.lines(.member)[0].contains("10.0 % lost"))
    }

    @Test func `without an agent is told from one that nothing reaches`() {
        let refused = member {
            $0.roundTrips = []
            $0.failure = .refused
        }
        #expect(findings { $0.members = [refused] }.lines(.member)[0].hasSuffix("-> start the agent on n2"))
        let silent = member { $0.roundTrips = [] }
        #expect(findings { $0.members = [silent] }.lines(.member)[0].contains("none of 80 probes was answered"))
        let lost = member {
            $0.roundTrips = []
            $0.failure = .unreachable
        }
        #expect(findings { $0.members = [lost] }.lines(.member)[0].contains("nobody has that address"))
        let barred = member {
            $0.roundTrips = []
            $0.failure = .unsent("Operation not permitted")
        }
        #expect(findings { $0.members = [barred] }.lines(.member)[0].contains("this machine cannot send there"))
    }

    @Test func `behind a smaller MTU is told`() {
        let found = findings { $0.members = [member { $0.receivedLong = 0 }] }
        #expect(found.filter { $0.check == .member }.map(\.severity) == [.ok, .warning])
    }
}

@Suite struct `A timing` {
    private static let profiles: [TimingFacts.Profile] = [
        .init(name: "turbo", heartbeat: .milliseconds(10), promise: .milliseconds(40)),
        .init(name: "fast", heartbeat: .milliseconds(20), promise: .milliseconds(100)),
        .init(name: "lan", heartbeat: .milliseconds(50), promise: .milliseconds(250)),
        .init(name: "wan", heartbeat: .milliseconds(200), promise: .milliseconds(1200)),
    ]

    private func recommended(
        _ roundTrip: Duration,
        write: Duration = .microseconds(200),
        lost: Int = 0,
        isRealTime: Bool = false
    ) -> String? {
        let timing = TimingFacts(configured: Self.profiles[2], profiles: Self.profiles, isRealTime: isRealTime)
        let members = [
            member {
                $0.sent = 1000
                $0.roundTrips = Array(repeating: roundTrip, count: 1000 - lost)
            }
        ]
        return timing.recommendation(members, disk(write))?.profile.name
    }

    @Test func `is recommended by round trip, disk and loss`() {
        #expect(recommended(.microseconds(300)) == "fast")
        #expect(recommended(.microseconds(300), isRealTime: true) == "turbo")
        #expect(recommended(.milliseconds(8), isRealTime: true) == "fast")
        #expect(recommended(.milliseconds(20)) == "lan")
        #expect(recommended(.milliseconds(60)) == "wan")
        #expect(recommended(.milliseconds(300)) == nil)
        #expect(recommended(.microseconds(300), write: .milliseconds(40)) == "lan")
        #expect(recommended(.microseconds(300), write: .milliseconds(200)) == "wan")
        #expect(recommended(.microseconds(300), lost: 10) == "lan")
        #expect(recommended(.microseconds(300), lost: 40) == "wan")
    }

    private func found(configured: Int, roundTrip: Duration) -> [Finding] {
        findings {
            $0.timing = TimingFacts(configured: Self.profiles[configured], profiles: Self.profiles, isRealTime: false)
            $0.members = [member { $0.roundTrips = Array(repeating: roundTrip, count: 80) }]
        }
    }

    @Test func `that fits is told with the time of a failover`() {
        #expect(
            found(configured: 2, roundTrip: .milliseconds(1)).lines(.timing)
                == ["ok lan: a silent holder is replaced within some 278 ms; fast would fit, too, with some 119 ms"]
        )
    }

    @Test func `that is too short is a warning`() {
        #expect(found(configured: 1, roundTrip: .milliseconds(20)).worst(.timing) == .warning)
        #expect(found(configured: 3, roundTrip: .milliseconds(20)).worst(.timing) == .ok)
    }

    @Test func `that nothing fits is told`() {
        #expect(found(configured: 2, roundTrip: .milliseconds(400)).worst(.timing) == .warning)
    }

    @Test func `is not judged where nobody answered`() {
        let found = findings {
            $0.timing = TimingFacts(configured: Self.profiles[2], profiles: Self.profiles, isRealTime: false)
        }
        #expect(found == [])
    }
}

@Suite struct `What check says` {
    @Test func `becomes a finding each, with its place`() {
        let found = findings {
            $0.configuration = ConfigurationFacts(
                path: "/c.yaml",
                mistakes: [
                    .init(isError: true, place: "/c.yaml:3:1", text: "others may read /k; type: chmod o= /k"),
                    .init(isError: false, place: "/c.yaml:4:1", text: "odd"),
                ]
            )
        }
        #expect(
            found.lines(.configuration) == [
                "error /c.yaml:3:1: others may read /k -> type: chmod o= /k",
                "warning /c.yaml:4:1: odd -> mend it there, and look again",
            ]
        )
    }

    @Test func `may be nothing`() {
        let found = findings { $0.configuration = ConfigurationFacts(path: "/c.yaml", mistakes: []) }
        #expect(found.worst(.configuration) == .ok)
    }
}

@Suite struct `The agent of a node` {
    @Test func `is told with its leader, or without one`() {
        #expect(findings { $0.agent = agent }.lines(.agent) == ["ok n1: it runs (1) as follower; n2 leads"])
        let lost = AgentFacts.running(version: "1", node: "n1", role: "candidate", leader: nil)
        #expect(findings { $0.agent = lost }.worst(.agent) == .warning)
        #expect(findings { $0.agent = .silent("no agent to ask") }.worst(.agent) == .ok)
    }
}

@Suite struct `A doctor's report` {
    private let report = Report([
        Finding(.ok, .clock, nil, "good"), Finding(.warning, .rival, "kee\u{1b}p", "it runs", "stop it"),
        Finding(.error, .interface, "eth0", "off", "switch it on"),
    ])

    @Test func `has a line why and a line what to do, and a sum`() {
        #expect(
            report.text(isColoured: false) == """
                ok       clock      good
                warning  rival      kee?p: it runs
                                    -> stop it
                error    interface  eth0: off
                                    -> switch it on

                1 error, 1 warning, 1 ok

                """
        )
    }

    @Test func `is coloured for a terminal only`() {
        #expect(report.text(isColoured: true).contains("\u{1b}[31merror    \u{1b}[0m"))
        #expect(!report.text(isColoured: false).contains("\u{1b}"))
    }
}
