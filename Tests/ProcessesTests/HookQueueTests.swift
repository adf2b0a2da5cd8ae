import Configuration
import Hooks
import Testing
import Time

private let now = Instant(boottime: 1_000_000_000, raw: 1_000_000_000)

@Suite struct `A queue of hooks` {
    private static func request(_ number: UInt64, _ event: HookEvent, _ group: Int? = 0) -> HookRequest {
        HookRequest(
            number: number,
            event: event,
            group: event.isOfGroup ? group : nil,
            term: 1
        )
    }

    @Test func `begins one hook of a group at a time, in order`() {
        var queue = HookQueue()
        let (ready, slave, destroy) = (
            Self.request(1, .toReady), Self.request(2, .toSlave), Self.request(3, .toDestroy)
        )
        #expect(queue.add(ready, at: now) == [.begin(ready)])
        #expect(queue.add(slave, at: now) == [])
        #expect(queue.add(destroy, at: now) == [])
        #expect(queue.ended(ready, succeeded: true, at: now) == [.begin(slave)])
        #expect(queue.ended(slave, succeeded: false, at: now) == [.begin(destroy)])
        #expect(queue.ended(destroy, succeeded: true, at: now) == [])
    }

    @Test func `lets groups go on beside each other`() {
        var queue = HookQueue()
        let (one, other) = (Self.request(1, .toMaster, 0), Self.request(2, .toMaster, 1))
        #expect(queue.add(one, at: now) == [.begin(one)])
        #expect(queue.add(other, at: now) == [.begin(other)])
    }

    @Test func `holds the node's hooks until every group's have ended, and the groups' behind them`() {
        var queue = HookQueue()
        let (one, other) = (Self.request(1, .toSlave, 0), Self.request(2, .toSlave, 1))
        let (destroy, late) = (Self.request(3, .toDestroy), Self.request(4, .toMaster, 2))
        _ = queue.add(one, at: now)
        _ = queue.add(other, at: now)
        #expect(queue.add(destroy, at: now) == [])
        #expect(queue.add(late, at: now) == [])
        #expect(queue.ended(other, succeeded: true, at: now) == [])
        #expect(queue.ended(one, succeeded: true, at: now) == [.begin(destroy)])
        #expect(queue.ended(destroy, succeeded: true, at: now) == [.begin(late)])
    }

    @Test func `does not deliver what was undone before it began`() {
        var queue = HookQueue()
        let master = Self.request(1, .toMaster)
        let (slave, again) = (Self.request(2, .toSlave), Self.request(3, .toMaster))
        _ = queue.add(master, at: now)
        #expect(queue.add(slave, at: now) == [])
        #expect(queue.add(again, at: now) == [.undone(slave), .undone(again)])
        #expect(queue.ended(master, succeeded: true, at: now) == [])
    }

    @Test func `always delivers the last role change`() {
        var queue = HookQueue()
        let master = Self.request(1, .toMaster)
        let later: [HookEvent] = [.toSlave, .toMaster, .toSlave, .toMaster, .toSlave]
        _ = queue.add(master, at: now)
        for (index, event) in later.enumerated() { _ = queue.add(Self.request(UInt64(index) + 2, event), at: now) }
        #expect(queue.ended(master, succeeded: true, at: now) == [.begin(Self.request(6, .toSlave))])
    }

    @Test func `tries a role anew that its hook failed to bring about`() {
        var queue = HookQueue()
        let (ready, slave) = (Self.request(1, .toReady), Self.request(2, .toSlave))
        let (master, back) = (Self.request(4, .toMaster), Self.request(5, .toSlave))
        _ = queue.add(slave, at: now)
        _ = queue.ended(slave, succeeded: false, at: now)
        _ = queue.add(ready, at: now)
        _ = queue.add(master, at: now)
        #expect(queue.add(back, at: now) == [.undone(master)])
        #expect(queue.ended(ready, succeeded: true, at: now) == [.begin(back)])
    }

    @Test func `delivers a role that is told again though nothing was undone`() {
        var queue = HookQueue()
        let (slave, again) = (Self.request(1, .toSlave), Self.request(2, .toSlave))
        _ = queue.add(slave, at: now)
        _ = queue.ended(slave, succeeded: true, at: now)
        #expect(queue.add(again, at: now) == [.begin(again)])
    }

    @Test func `knows what a later role change has made pointless`() {
        var queue = HookQueue()
        let (master, elsewhere) = (Self.request(1, .toMaster, 0), Self.request(2, .toSlave, 1))
        _ = queue.add(master, at: now)
        _ = queue.add(elsewhere, at: now)
        #expect(!queue.isOutdated(master))
        _ = queue.add(Self.request(3, .toSlave, 0), at: now)
        #expect(queue.isOutdated(master))
        #expect(!queue.isOutdated(elsewhere))
    }

    @Test func `never holds more than three hooks of a group and one of each of the node's`() {
        var queue = HookQueue()
        var (begun, undone) = (0, 0)
        for number in UInt64(1)...1000 {
            let event = HookEvent.allCases[Int(number) % HookEvent.allCases.count]
            for effect in queue.add(Self.request(number, event), at: now) {
                if case .begin = effect { begun += 1 } else { undone += 1 }
            }
        }
        #expect(begun == 1)
        #expect(1000 - begun - undone <= 5)
    }

    @Test func `begins no more hooks of groups at a time than it may, but for those that a VIP waits for`() {
        var queue = HookQueue(limit: 2)
        let requests = (0..<3).map { Self.request(UInt64($0), .toMaster, $0) }
        let awaited = Self.request(9, .beforeMaster, 9)
        let effects = requests.flatMap { queue.add($0, at: now) }
        #expect(effects == [.begin(requests[0]), .begin(requests[1])])
        #expect(queue.add(awaited, at: now) == [.begin(awaited)])
        #expect(queue.ended(requests[0], succeeded: true, at: now) == [])
        #expect(queue.ended(awaited, succeeded: true, at: now) == [.begin(requests[2])])
    }
}

@Suite struct `A queue of hooks with a debounce` {
    private static func request(_ number: UInt64, _ event: HookEvent) -> HookRequest {
        HookRequest(number: number, event: event, group: event.isOfGroup ? 0 : nil, term: 1)
    }

    private let second = Duration.seconds(1)

    @Test func `begins a role's hook when the role has lasted`() {
        var queue = HookQueue(debounce: second)
        let master = Self.request(1, .toMaster)
        #expect(queue.add(master, at: now) == [])
        #expect(queue.nextDeadline == now + second)
        #expect(queue.timeElapsed(at: now + .milliseconds(999)) == [])
        #expect(queue.timeElapsed(at: now + second) == [.begin(master)])
        #expect(queue.nextDeadline == nil)
    }

    @Test func `says nothing of a role that came and went`() {
        var queue = HookQueue(debounce: second)
        let (slave, master, again) = (
            Self.request(1, .toSlave), Self.request(2, .toMaster), Self.request(3, .toSlave)
        )
        _ = queue.add(slave, at: now)
        #expect(queue.timeElapsed(at: now + second) == [.begin(slave)])
        _ = queue.ended(slave, succeeded: true, at: now + second)
        #expect(queue.add(master, at: now + second) == [])
        #expect(queue.add(again, at: now + second + second / 2) == [.undone(master), .undone(again)])
        #expect(queue.nextDeadline == nil)
    }

    @Test func `counts anew when the role changes meanwhile, and delivers the last`() {
        var queue = HookQueue(debounce: second)
        let (master, slave) = (Self.request(1, .toMaster), Self.request(2, .toSlave))
        _ = queue.add(master, at: now)
        #expect(queue.add(slave, at: now + .milliseconds(600)) == [.undone(master)])
        #expect(queue.timeElapsed(at: now + second) == [])
        #expect(queue.timeElapsed(at: now + .milliseconds(1600)) == [.begin(slave)])
    }

    @Test func `holds up neither what a VIP waits for nor the end`() {
        var queue = HookQueue(debounce: second)
        let (slave, before) = (Self.request(1, .toSlave), Self.request(2, .beforeMaster))
        let (master, destroy) = (Self.request(3, .toMaster), Self.request(4, .toDestroy))
        _ = queue.add(slave, at: now)
        #expect(queue.add(before, at: now) == [.begin(slave)])
        #expect(queue.ended(slave, succeeded: true, at: now) == [.begin(before)])
        #expect(queue.ended(before, succeeded: true, at: now) == [])
        #expect(queue.add(master, at: now) == [])
        #expect(queue.add(destroy, at: now) == [.begin(master)])
        #expect(queue.ended(master, succeeded: true, at: now) == [.begin(destroy)])
    }
}

@Suite struct `Hooks before a role` {
    private static func request(_ number: UInt64, _ event: HookEvent) -> HookRequest {
        HookRequest(number: number, event: event, group: 0, term: 1)
    }

    @Test func `keep their place in the order`() {
        var queue = HookQueue()
        let story: [HookEvent] = [.beforeMaster, .toMaster, .beforeSlave, .toSlave]
        for (index, event) in story.enumerated() {
            let request = Self.request(UInt64(index), event)
            #expect(queue.add(request, at: now) == [.begin(request)])
            #expect(queue.ended(request, succeeded: true, at: now) == [])
        }
    }

    @Test func `are not run for a role that is over`() {
        var queue = HookQueue()
        let (slave, before, again) = (
            Self.request(1, .toSlave), Self.request(2, .beforeMaster), Self.request(3, .toSlave)
        )
        _ = queue.add(slave, at: now)
        #expect(queue.add(before, at: now) == [])
        #expect(queue.isOutdated(slave))
        #expect(queue.add(again, at: now) == [.undone(before), .undone(again)])
    }

    @Test func `of a ToMaster that has not begun take it back, and need not run themselves`() {
        var queue = HookQueue(debounce: .seconds(1))
        let (master, before) = (Self.request(1, .toMaster), Self.request(2, .beforeSlave))
        _ = queue.add(master, at: now)
        #expect(queue.add(before, at: now) == [.undone(master), .undone(before)])
    }

    @Test func `make either role news`() {
        var queue = HookQueue()
        let (master, before) = (Self.request(1, .toMaster), Self.request(2, .beforeSlave))
        let (slave, again) = (Self.request(3, .toSlave), Self.request(4, .toMaster))
        _ = queue.add(master, at: now)
        _ = queue.ended(master, succeeded: true, at: now)
        _ = queue.add(before, at: now)
        #expect(queue.add(slave, at: now) == [])
        #expect(queue.add(again, at: now) == [.undone(slave)], "the site prepared itself for the end of the role")
        #expect(queue.ended(before, succeeded: true, at: now) == [.begin(again)])
    }
}
