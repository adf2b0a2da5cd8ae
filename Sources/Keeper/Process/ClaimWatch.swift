import Linux
import Net
import Time

/// Hears who claims the VIPs, on each interface that groups are on.
///
/// Anybody on the link may send such frames, as many as they like. So few are read in a turn that a lease is looked at
/// between them, and whoever sends more in a second than any honest neighbour is not heard for the rest of it.
final class ClaimWatch {
    typealias Heard = (AddressClaim, InterfaceIndex)

    /// Frames read before other descriptors of the loop get their turn.
    static let framesPerTurn = 16
    static let framesPerSecond = 256

    private struct Place: Hashable {
        var interface: String
        var family: ClaimSocket.Family
    }

    private struct Ear {
        let socket: ClaimSocket
        /// Nil while it is not listened to.
        var registration: EventLoop.Registration?
    }

    private let loop: EventLoop
    private let handler: ([Heard]) -> Void
    private let addresses: [Place: [IPAddress]]
    private var ears: [Place: Ear] = [:]
    private var second: Instant?
    private var frames = 0
    private var isResting = false

    init(_ plan: KeeperPlan, on loop: EventLoop, _ handler: @escaping ([Heard]) -> Void) {
        self.loop = loop
        self.handler = handler
        var addresses: [Place: [IPAddress]] = [:]
        for group in plan.groups {
            let vips = group.vips.map(\.address)
            for family in ClaimSocket.Family.allCases where family.concerns(vips) {
                addresses[Place(interface: group.interface, family: family), default: []] += vips
            }
        }
        self.addresses = addresses
    }

    /// Listens on what has come, and no more on what is gone; returns why it could not, by interface.
    func follow(_ links: some Collection<Link>) -> [PacketError] {
        var failures: [PacketError] = []
        for place in addresses.keys {
            let index = links.first { $0.name == place.interface }?.index
            if ears[place]?.socket.interface == index { continue }
            close(place)
            guard let index else { continue }
            do throws(PacketError) {
                try open(place, on: index)
            } catch {
                failures.append(error)
            }
        }
        return failures
    }

    /// Listens to nothing any more.
    func close() {
        for place in Array(ears.keys) { close(place) }
    }

    private func open(_ place: Place, on index: InterfaceIndex) throws(PacketError) {
        let socket = try ClaimSocket(on: index, place.family, of: addresses[place] ?? [])
        ears[place] = Ear(socket: socket)
        if !isResting { listen(at: place) }
    }

    private func close(_ place: Place) {
        if let registration = ears.removeValue(forKey: place)?.registration { loop.ignore(registration) }
    }
}

// MARK: - Hearing

extension ClaimWatch {
    private func listen(at place: Place) {
        guard let socket = ears[place]?.socket else { return }
        ears[place]?.registration = try? loop.watch(socket.descriptor) { [unowned self] _ in hear(socket) }
    }

    private func hear(_ socket: ClaimSocket) {
        var heard: [Heard] = []
        for _ in 0..<Self.framesPerTurn {
            // An interface that goes down says so once, and is silent until it is up.
            guard let frame = try? socket.receive() else { break }
            frames += 1
            if let claim = AddressClaim(frame: frame) { heard.append((claim, socket.interface)) }
        }
        restIfFlooded()
        if !heard.isEmpty { handler(heard) }
    }

    private func restIfFlooded() {
        let now = Clock.now()
        if second.map({ Deadline.timer($0 + .seconds(1)).hasPassed(at: now) }) ?? true {
            (second, frames) = (now, 0)
        }
        guard frames >= Self.framesPerSecond, !isResting else { return }
        isResting = true
        for place in ears.keys {
            if let registration = ears[place]?.registration { loop.ignore(registration) }
            ears[place]?.registration = nil
        }
        loop.schedule(after: .seconds(1)) { [weak self] in
            guard let self else { return }
            isResting = false
            (second, frames) = (nil, 0)
            for place in ears.keys { listen(at: place) }
        }
    }
}
