import Linux
import Net
import Testing

@testable import Keeper

private let eth0 = Site.Interface(index: .eth0, name: "eth0")
private let eth1 = Site.Interface(index: .eth1, name: "eth1")

private func standing(_ placement: Placement, isPermanent: Bool = true, isTagged: Bool = false) -> StandingAddress {
    StandingAddress(placement: placement, isPermanent: isPermanent, isTagged: isTagged)
}

private func record(_ entries: (String, String)...) -> AddressRecord {
    AddressRecord(boot: "b", entries: Set(entries.map { .init(interface: $0.0, prefix: prefix($0.1)) }))
}

private func check(_ addresses: [StandingAddress], _ record: AddressRecord?, adopts: Bool = false) -> StartCheck {
    var plan = KeeperPlan.web
    plan.adopts = adopts
    return StartCheck(plan: plan, site: Site(interfaces: [eth0, eth1], addresses: addresses), record: record)
}

private let vip = on("192.0.2.10/32")

@Suite struct `The check at the start` {
    @Test func `takes off what the record names, tagged or not`() throws {
        let named = record(("eth0", "192.0.2.10/32"))
        for isTagged in [true, false] {
            #expect(try check([standing(vip, isTagged: isTagged)], named).leftovers() == [vip])
        }
    }

    @Test func `takes off what the tag names where there is no record`() throws {
        #expect(try check([standing(vip, isTagged: true)], nil).leftovers() == [vip])
        let elsewhere = on("192.0.2.10/24", .eth1)
        #expect(try check([standing(elsewhere, isTagged: true)], nil).leftovers() == [elsewhere])
    }

    @Test func `takes off what an earlier configuration had`() throws {
        let old = on("198.51.100.7/32", .eth1)
        let named = record(("eth1", "198.51.100.7/32"))
        #expect(try check([standing(old, isTagged: true)], named).leftovers() == [old])
    }

    @Test func `believes the record about no address that is neither configured nor tagged`() throws {
        let own = on("198.51.100.7/24", .eth1)
        #expect(try check([standing(own)], record(("eth1", "198.51.100.7/24"))).leftovers() == [])
    }

    @Test func `leaves other addresses alone`() throws {
        #expect(
            try check([standing(on("198.51.100.7/24")), standing(on("203.0.113.1/32"), isTagged: true)], nil)
                .leftovers() == []
        )
    }

    @Test func `refuses what another instance holds`() {
        #expect(
            throws: KeeperRefusal(
                "192.0.2.10/32 is on eth0 and belongs to another vip-switch on this machine; stop that one first"
            )
        ) { try check([standing(vip, isTagged: true)], record()).leftovers() }
    }

    @Test func `refuses what a stranger put on, and takes it off when told to adopt it`() throws {
        #expect(
            throws: KeeperRefusal(
                "192.0.2.10/32 is on eth0 already, and vip-switch did not put it there; "
                    + "`ip address del 192.0.2.10/32 dev eth0`, or start with --adopt to take it over"
            )
        ) { try check([standing(vip)], record()).leftovers() }
        #expect(try check([standing(vip)], record(), adopts: true).leftovers() == [vip])
    }

    @Test func `adopts no address under another prefix or on another interface`() {
        for placement in [on("192.0.2.10/24"), on("192.0.2.10/32", .eth1)] {
            #expect(throws: KeeperRefusal.self) { try check([standing(placement)], nil, adopts: true).leftovers() }
        }
    }

    @Test func `gives the command release only what is surely ours`() {
        let check = check([standing(vip), standing(on("2001:db8::10/128"), isTagged: true)], nil)
        #expect(check.ownLeftovers() == [on("2001:db8::10/128")])
    }
}

@Suite struct `A record of addresses` {
    private let text = """
        vip-switch addresses 1
        boot b
        eth0 192.0.2.10/32
        eth0 2001:db8::10/128
        end

        """

    @Test func `is lines that people can read`() throws {
        let record = AddressRecord(boot: "b", plan: .web)
        #expect(String(decoding: record.bytes, as: UTF8.self) == text)
        #expect(try AddressRecord(record.bytes) == record)
        let empty = AddressRecord(boot: "b", entries: [])
        #expect(try AddressRecord(empty.bytes) == empty)
    }

    @Test func `is refused when it is cut short or foreign`() {
        let bytes = Array(text.utf8)
        for length in 0..<bytes.count {
            #expect(throws: Malformed.self) { try AddressRecord(Array(bytes[..<length])) }
        }
        #expect(throws: Malformed.invalid("not a record of addresses")) { try AddressRecord(Array("x".utf8)) }
        let damaged = text.replacing("eth0 192.0.2.10/32", with: "eth0 192.0.2.10/33")
        #expect(throws: Malformed.invalid("no address: eth0 192.0.2.10/33")) { try AddressRecord(Array(damaged.utf8)) }
    }
}

@Suite struct `A schedule of announcements` {
    private func rounds(_ announcing: KeeperPlan.Announcing, until end: Int) -> [Int] {
        var schedule = AnnouncementSchedule(announcing, from: at(0), isFirstRoundOut: false)
        var rounds: [Int] = []
        for now in 0...end where schedule.takeRound(at: at(now)) { rounds.append(now) }
        return rounds
    }

    @Test func `is a burst, another after five seconds, and a refresh`() {
        let announcing = KeeperPlan.Announcing(count: 3, interval: .milliseconds(200), refresh: .seconds(10))
        #expect(
            rounds(announcing, until: 30_000) == [0, 200, 400, 5000, 5200, 5400, 15_400, 25_400]
        )
    }

    @Test func `ends after the second burst where no refresh is wanted`() {
        let announcing = KeeperPlan.Announcing(count: 1, interval: .milliseconds(200), refresh: .zero)
        #expect(rounds(announcing, until: 30_000) == [0, 5000])
    }

    @Test func `begins no second burst before the first is over`() {
        let announcing = KeeperPlan.Announcing(count: 4, interval: .seconds(2), refresh: .zero)
        #expect(rounds(announcing, until: 30_000) == [0, 2000, 4000, 6000, 8000, 10_000, 12_000, 14_000])
    }

    @Test func `makes up for no refresh that was slept through`() {
        let announcing = KeeperPlan.Announcing(count: 1, interval: .zero, refresh: .seconds(1))
        var schedule = AnnouncementSchedule(announcing, from: at(0), isFirstRoundOut: true)
        let taken = [5000, 100_000, 100_000].map { schedule.takeRound(at: at($0)) }
        #expect(taken == [true, true, false])
    }
}
