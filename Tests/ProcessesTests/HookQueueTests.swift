import Configuration
import Hooks
import Testing

@Suite struct `A queue of hooks` {
    private static func request(_ number: UInt64, _ event: HookEvent, _ group: Int? = 0) -> HookRequest {
        HookRequest(
            number: number,
            event: event,
            group: event == .toReady || event == .toDestroy ? nil : group,
            term: 1
        )
    }

    @Test func `begins one hook of a group at a time, in order`() {
        var queue = HookQueue()
        let (ready, slave, destroy) = (
            Self.request(1, .toReady), Self.request(2, .toSlave), Self.request(3, .toDestroy)
        )
        #expect(queue.add(ready) == [.begin(ready)])
        #expect(queue.add(slave) == [])
        #expect(queue.add(destroy) == [])
        #expect(queue.ended(ready, succeeded: true) == [.begin(slave)])
        #expect(queue.ended(slave, succeeded: false) == [.begin(destroy)])
        #expect(queue.ended(destroy, succeeded: true) == [])
    }

    @Test func `lets groups go on beside each other`() {
        var queue = HookQueue()
        let (one, other) = (Self.request(1, .toMaster, 0), Self.request(2, .toMaster, 1))
        #expect(queue.add(one) == [.begin(one)])
        #expect(queue.add(other) == [.begin(other)])
    }

    @Test func `holds the node's hooks until every group's have ended, and the groups' behind them`() {
        var queue = HookQueue()
        let (one, other) = (Self.request(1, .toSlave, 0), Self.request(2, .toSlave, 1))
        let (destroy, late) = (Self.request(3, .toDestroy), Self.request(4, .toMaster, 2))
        _ = queue.add(one)
        _ = queue.add(other)
        #expect(queue.add(destroy) == [])
        #expect(queue.add(late) == [])
        #expect(queue.ended(other, succeeded: true) == [])
        #expect(queue.ended(one, succeeded: true) == [.begin(destroy)])
        #expect(queue.ended(destroy, succeeded: true) == [.begin(late)])
    }

    @Test func `does not deliver what was undone before it began`() {
        var queue = HookQueue()
        let master = Self.request(1, .toMaster)
        let (slave, again) = (Self.request(2, .toSlave), Self.request(3, .toMaster))
        _ = queue.add(master)
        #expect(queue.add(slave) == [])
        #expect(queue.add(again) == [.undone(slave), .undone(again)])
        #expect(queue.ended(master, succeeded: true) == [])
    }

    @Test func `always delivers the last role change`() {
        var queue = HookQueue()
        let master = Self.request(1, .toMaster)
        let later: [HookEvent] = [.toSlave, .toMaster, .toSlave, .toMaster, .toSlave]
        _ = queue.add(master)
        for (index, event) in later.enumerated() { _ = queue.add(Self.request(UInt64(index) + 2, event)) }
        #expect(queue.ended(master, succeeded: true) == [.begin(Self.request(6, .toSlave))])
    }

    @Test func `tries a role anew that its hook failed to bring about`() {
        var queue = HookQueue()
        let (ready, slave) = (Self.request(1, .toReady), Self.request(2, .toSlave))
        let (master, back) = (Self.request(4, .toMaster), Self.request(5, .toSlave))
        _ = queue.add(slave)
        _ = queue.ended(slave, succeeded: false)
        _ = queue.add(ready)
        _ = queue.add(master)
        #expect(queue.add(back) == [.undone(master)])
        #expect(queue.ended(ready, succeeded: true) == [.begin(back)])
    }

    @Test func `delivers a role that is told again though nothing was undone`() {
        var queue = HookQueue()
        let (slave, again) = (Self.request(1, .toSlave), Self.request(2, .toSlave))
        _ = queue.add(slave)
        _ = queue.ended(slave, succeeded: true)
        #expect(queue.add(again) == [.begin(again)])
    }

    @Test func `knows what a later role change has made pointless`() {
        var queue = HookQueue()
        let (master, elsewhere) = (Self.request(1, .toMaster, 0), Self.request(2, .toSlave, 1))
        _ = queue.add(master)
        _ = queue.add(elsewhere)
        #expect(!queue.isOutdated(master))
        _ = queue.add(Self.request(3, .toSlave, 0))
        #expect(queue.isOutdated(master))
        #expect(!queue.isOutdated(elsewhere))
    }

    @Test func `never holds more than one role change a group and one of each of the node's events`() {
        var queue = HookQueue()
        var (begun, undone) = (0, 0)
        for number in UInt64(1)...1000 {
            let event = HookEvent.allCases[Int(number) % 4]
            for effect in queue.add(Self.request(number, event)) {
                if case .begin = effect { begun += 1 } else { undone += 1 }
            }
        }
        #expect(begun == 1)
        #expect(1000 - begun - undone <= 3)
    }
}
