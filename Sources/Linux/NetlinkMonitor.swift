internal import CMnl
internal import Glibc
internal import Net

/// A change of an interface or an address.
///
/// An IPv4 address tells who asked for the change: `PortID.kernel` when its lifetime ended. Of an IPv6 address nobody
/// knows, the kernel writes port 0 into all its events (`inet6_ifa_notify`): then it is nil.
package enum NetlinkEvent: Hashable, Sendable {
    /// Put on, renewed, or changed in its flags.
    case addressSet(InterfaceAddress, by: PortID?)
    /// Taken off, expired, or lost with the link.
    case addressRemoved(InterfaceAddress, by: PortID?)
    case linkSet(Link)
    case linkRemoved(Link)
    /// Events were lost: only a new list of links and addresses tells what has changed.
    case overrun
}

/// Hears of every change of links and addresses in this network namespace; needs no privilege.
package final class NetlinkMonitor {
    /// Datagrams read before other descriptors of the loop get their turn.
    package static let datagramsPerTurn = 64

    private let socket: NetlinkSocket

    /// Readable when `receive()` has something to tell.
    package var descriptor: FileDescriptor {
        _read { yield socket.descriptor }
    }

    package init() throws(NetlinkError) {
        do throws(Errno) {
            socket = try NetlinkSocket(groups: [RTNLGRP_LINK, RTNLGRP_IPV4_IFADDR, RTNLGRP_IPV6_IFADDR])
        } catch {
            throw NetlinkError("watch", "links and addresses", error)
        }
    }

    /// The events that wait, in order; none when there are none. What is beyond `datagramsPerTurn` keeps for the next
    /// call, for which the descriptor stays readable.
    package func receive() throws(NetlinkError) -> [NetlinkEvent] {
        var events: [NetlinkEvent] = []
        for _ in 0..<Self.datagramsPerTurn {
            do throws(Errno) {
                let isMore = try socket.receive { message in
                    if let event = NetlinkEvent(message) { events.append(event) }
                }
                if !isMore { break }
            } catch .noBufferSpace {
                events.append(.overrun)
            } catch {
                throw NetlinkError("watch", "links and addresses", error)
            }
        }
        return events
    }
}

extension NetlinkEvent {
    /// Nil for a message of another kind.
    init?(_ message: NetlinkMessage) {
        if let address = InterfaceAddress(message) {
            let port = address.prefix.address.family == AF_INET ? message.portID : nil
            self = message.type == RTM_NEWADDR ? .addressSet(address, by: port) : .addressRemoved(address, by: port)
        } else if let link = Link(message) {
            self = message.type == RTM_NEWLINK ? .linkSet(link) : .linkRemoved(link)
        } else {
            return nil
        }
    }
}
