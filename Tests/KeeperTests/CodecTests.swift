import Linux
import Net
import Raft
import Testing
import Time

@testable import Keeper

private let tally: AnnouncementTally = {
    var tally = AnnouncementTally()
    tally.frames.requests = 1
    tally.frames.replies = 2
    tally.frames.advertisements = 3
    tally.frames.failures = 4
    tally.conflicts = 5
    tally.defences = 6
    tally.duplicates = .max
    tally.rival = .init(address: .v6(1), hardware: .broadcast, claims: 7, lastClaim: at(8))
    return tally
}()

private let requests: [KeeperRequest] = [
    .will(.of(7)),
    .will(
        LastWill(
            term: Term(.max),
            datagrams: [
                .init(recipient: Endpoint(address: .v6(1), port: 1), bytes: [UInt8](repeating: 9, count: 1400)),
                .init(recipient: Endpoint(address: .v4(.max), port: .max), bytes: []),
            ]
        )
    ),
    .hold(group: "web", Term(7), until: at(200)),
    .release(.group("web"), Term(7)),
    .release(.all, Term(7)),
    .announce(group: "web"),
    .prepare(PlanDigest(bits: .max), PlanNumber(1)),
    .adopt(PlanNumber(7)),
    .forget,
    .stop,
]

private let reports: [KeeperReport] = [
    .ready,
    .refused("no"),
    .held(group: "web", Term(7), failures: nil),
    .held(group: "web", Term(7), failures: ""),
    .held(group: "web", Term(7), failures: "no"),
    .assigning(group: "web", Term(7), left: 9_999),
    .overran(.milliseconds(80), allowed: .milliseconds(50)),
    .released(.all, Term(7)),
    .released(.group("web"), Term(7)),
    .expired(group: "web", Term(7)),
    .contested(group: "web", "192.0.2.10/32 was taken off 6 times"),
    .contested(group: "web", nil),
    .link(group: "web", fault: "eth0 has no carrier"),
    .link(group: "web", fault: nil),
    .notice(KeeperNotice(.putBack, [.init("vip", "192.0.2.10/32")])),
    .late(.microseconds(350)),
    .prepared(PlanDigest(bits: 7), .first),
    .unprepared(["no", "neither"], PlanNumber(7)),
    .unprepared([], PlanNumber(.max)),
    .adopted(PlanNumber(.max)),
    .settled,
    .allOff,
    .tallied(group: "web", AnnouncementTally()),
    .tallied(group: "web", tally),
]

@Suite struct `A message of agent or keeper` {
    @Test(arguments: requests) func `comes back from its bytes`(request: KeeperRequest) throws {
        #expect(try KeeperRequest(decoding: request.encoded()) == request)
    }

    @Test(arguments: reports) func `comes back from its bytes`(report: KeeperReport) throws {
        #expect(try KeeperReport(decoding: report.encoded()) == report)
    }

    @Test func `is refused when it is cut short or too long`() {
        for bytes in requests.map({ $0.encoded() }) {
            for length in 0..<bytes.count {
                #expect(throws: Malformed.self) { try KeeperRequest(decoding: Array(bytes[..<length])) }
            }
            #expect(throws: Malformed.trailing(1)) { try KeeperRequest(decoding: bytes + [0]) }
        }
        for bytes in reports.map({ $0.encoded() }) {
            for length in 0..<bytes.count {
                #expect(throws: Malformed.self) { try KeeperReport(decoding: Array(bytes[..<length])) }
            }
            #expect(throws: Malformed.trailing(1)) { try KeeperReport(decoding: bytes + [0]) }
        }
    }

    @Test func `may have any byte wrong without harm`() {
        for bytes in requests.map({ $0.encoded() }) + reports.map({ $0.encoded() }) {
            for index in bytes.indices.prefix(200) {
                for value in [0, 1, 0x7f, 0x80, 0xff] as [UInt8] {
                    var damaged = bytes
                    damaged[index] = value
                    _ = try? KeeperRequest(decoding: damaged)
                    _ = try? KeeperReport(decoding: damaged)
                }
            }
        }
    }

    /// What it says of failures would be lost, and the group taken for held.
    @Test func `is refused where a hold has failures and none`() {
        var bytes = KeeperReport.held(group: "web", Term(7), failures: "no").encoded()
        bytes[14] = 0
        #expect(throws: Malformed.trailing(4)) { try KeeperReport(decoding: bytes) }
    }

    @Test(arguments: [
        (at(0).boottime, Int64.max), (Int64.min, at(0).raw), (-1, 0),
    ]) func `names no instant that sums could overflow`(boottime: Int64, raw: Int64) {
        let hold = KeeperRequest.hold(group: "web", Term(1), until: Instant(boottime: boottime, raw: raw))
        #expect(throws: Malformed.invalid("an instant beyond the clocks")) {
            try KeeperRequest(decoding: hold.encoded())
        }
    }

    @Test func `carries no will beyond its bounds`() {
        let datagram = LastWill.of(1).datagrams[0]
        let many = LastWill(term: Term(1), datagrams: Array(repeating: datagram, count: 17))
        #expect(throws: Malformed.invalid("a count of 17, more than 16")) {
            try KeeperRequest(decoding: KeeperRequest.will(many).encoded())
        }
        var long = datagram
        long.bytes = [UInt8](repeating: 0, count: 1401)
        let will = LastWill(term: Term(1), datagrams: [long])
        #expect(throws: Malformed.invalid("a count of 1401, more than 1400")) {
            try KeeperRequest(decoding: KeeperRequest.will(will).encoded())
        }
    }

    @Test func `cuts a long line between two characters`() throws {
        let report = KeeperReport.refused(String(repeating: "ü", count: 4000))
        #expect(
            try KeeperReport(decoding: report.encoded()) == .refused(String(repeating: "ü", count: 2048))
        )
    }
}

@Suite struct `A plan for the keeper` {
    @Test func `comes back with the interfaces that it tracks`() throws {
        var plan = KeeperPlan.web
        plan.groups[0].tracked = ["eth1", "bond0.7"]
        #expect(try KeeperPlan(decoding: plan.encoded()) == plan)
        plan.groups[0].tracked = ["a/b"]
        #expect(throws: Malformed.invalid("no interface name: a/b")) { try KeeperPlan(decoding: plan.encoded()) }
    }

    @Test(arguments: [KeeperPlan.web, .many(KeeperPlan.Limit.vips)])
    func `comes back from its bytes`(plan: KeeperPlan) throws {
        let bytes = plan.encoded()
        #expect(bytes.count <= KeeperPlan.Limit.encoding)
        #expect(try KeeperPlan(decoding: bytes) == plan)
    }

    @Test func `is refused when it is cut short`() {
        let bytes = KeeperPlan.web.encoded()
        for length in 0..<bytes.count {
            #expect(throws: Malformed.self) { try KeeperPlan(decoding: Array(bytes[..<length])) }
        }
    }

    private func mistake(_ change: (inout KeeperPlan) -> Void) -> Malformed? {
        var plan = KeeperPlan.web
        change(&plan)
        do throws(Malformed) {
            _ = try KeeperPlan(decoding: plan.encoded())
            return nil
        } catch {
            return error
        }
    }

    @Test func `is refused beyond its bounds`() {
        #expect(mistake { $0.dataDirectory = "lib" } == .invalid("a data directory that is no path"))
        #expect(mistake { $0.groups.append($0.groups[0]) } == .invalid("two groups of one name"))
        #expect(mistake { $0.groups[0].vips += [prefix("192.0.2.10/24")] } == .invalid("a VIP that is named twice"))
        #expect(mistake { $0.groups[0].interface = "../lo" } == .invalid("no interface name: ../lo"))
        #expect(mistake { $0.groups[0].interface = ".." } == .invalid("no interface name: .."))
        #expect(mistake { $0.kernelLifetime = 86_401 } == .invalid("a lifetime of 86401 s"))
        #expect(mistake { $0.announcing.count = 0 } == .invalid("announcements of no round"))
        #expect(
            mistake { $0.announcing.refresh = .milliseconds(1) } == .invalid("a refresh more often than every second")
        )
        #expect(mistake { $0.longestLease = .seconds(86_401) } == .invalid("a duration of 86401.0 seconds"))
    }
}
