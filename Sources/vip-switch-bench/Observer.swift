import Linux
import Net
import Time

/// Writes down when which of several network namespaces has the VIP, like a watcher in each of them, but from one process:
/// so what it writes of two nodes is in the order in which it happened, however late it gets to run.
///
/// A turn goes on until no namespace has news. When an address was seen to come on, then whatever had gone off before is
/// in the same turn, and is written first. An overlap shorter than a turn is not seen; one that was not there is not, either.
final class Observer {
    private let vip: IPAddress
    private var nodes: [Node] = []
    private let loop: EventLoop

    private final class Node {
        let monitor: NetlinkMonitor
        let holdings: EventFile
        let list: () throws -> Set<Place>
        var places: Set<Place> = []
        var isHolding = false

        init(_ name: String, in namespace: NetworkNamespace, _ vip: IPAddress, _ folder: String) throws {
            holdings = try EventFile(appendingTo: "\(folder)/holdings-\(name)")
            monitor = try namespace.run { try NetlinkMonitor() }
            list = {
                let addresses = try namespace.run { try Netlink().addresses() }
                return Set(addresses.filter { $0.prefix.address == vip }.map(Place.init))
            }
            places = try list()
        }

        /// Whether there was any news, of whatever kind.
        func hear(of vip: IPAddress) throws -> Bool {
            let events = try monitor.receive()
            for event in events {
                switch event {
                case .addressSet(let address, _) where address.prefix.address == vip: places.insert(Place(address))
                case .addressRemoved(let address, _): places.remove(Place(address))
                case .overrun: places = try list()
                case .addressSet, .linkSet, .linkRemoved: break
                }
            }
            return !events.isEmpty
        }

        func write(ifHolding isOn: Bool, at time: Int64) throws {
            guard isHolding != !places.isEmpty, !places.isEmpty == isOn else { return }
            isHolding = isOn
            try holdings.append(isOn ? "+" : "-", at: time)
        }
    }

    /// - Parameter options: `--nodes n1=NAMESPACE,…` among them.
    init(_ options: Options) throws {
        vip = try options.address()
        loop = try EventLoop()
        let folder = try options.required("run")
        for pair in try options.required("nodes").split(separator: ",") {
            let parts = pair.split(separator: "=")
            guard parts.count == 2 else { throw Complaint("--nodes \(pair) is not NODE=NAMESPACE") }
            let namespace = try NetworkNamespace(named: String(parts[1]))
            nodes.append(try Node(String(parts[0]), in: namespace, vip, folder))
        }
    }

    func run() throws {
        for node in nodes {
            _ = try loop.watch(node.monitor.descriptor) { [self] _ in
                do {
                    try turn()
                } catch {
                    writeError("observe: \(error)")
                    loop.stop()
                }
            }
        }
        try turn()
        try loop.run()
    }

    private func turn() throws {
        var isNews = true
        while isNews {
            isNews = false
            for node in nodes where try node.hear(of: vip) { isNews = true }
        }
        let time = timeNow()
        for node in nodes { try node.write(ifHolding: false, at: time) }
        for node in nodes { try node.write(ifHolding: true, at: time) }
    }
}

/// Where a VIP stands: on several interfaces or under several prefixes it is still held once.
struct Place: Hashable {
    let prefix: Prefix
    let interface: InterfaceIndex

    init(_ address: InterfaceAddress) {
        prefix = address.prefix
        interface = address.interface
    }
}
