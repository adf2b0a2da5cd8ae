import Linux
import Net

/// Writes down when this network namespace has the VIP, from the kernel's own notifications: `TIME +` and `TIME -`.
final class Watcher {
    private let vip: IPAddress
    private let holdings: EventFile
    private let monitor: NetlinkMonitor
    private let loop: EventLoop
    /// Where the VIP stands now: on several interfaces or under several prefixes it is still held once.
    private var places: Set<Place> = []

    init(_ options: Options) throws {
        vip = try options.address()
        holdings = try EventFile(appendingTo: try options.required("holdings"))
        // The monitor before the list: what changes in between is then told twice instead of never.
        monitor = try NetlinkMonitor()
        loop = try EventLoop()
        try change(to: list())
    }

    func run() throws {
        _ = try loop.watch(monitor.descriptor) { [self] _ in
            do {
                for event in try monitor.receive() { try note(event) }
            } catch {
                writeError("watch: \(error)")
                loop.stop()
            }
        }
        try loop.run()
    }

    private func note(_ event: NetlinkEvent) throws {
        switch event {
        case .addressSet(let address, _) where address.prefix.address == vip:
            try change(to: places.union([Place(address)]))
        case .addressRemoved(let address, _): try change(to: places.subtracting([Place(address)]))
        case .overrun: try change(to: list())
        case .addressSet, .linkSet, .linkRemoved: break
        }
    }

    private func list() throws -> Set<Place> {
        Set(try Netlink().addresses().filter { $0.prefix.address == vip }.map(Place.init))
    }

    private func change(to now: Set<Place>) throws {
        if now.isEmpty != places.isEmpty { try holdings.append(now.isEmpty ? "-" : "+", at: timeNow()) }
        places = now
    }
}
