internal import CLinux
internal import CMnl
internal import Glibc

/// A non-blocking netlink socket.
///
/// It never waits: rtnetlink and nf_tables answer inside `send(2)`, so what is not there afterwards was lost.
final class NetlinkSocket {
    /// The kernel builds datagrams of at most 32 KiB for a dump; anything longer than this would be cut.
    static let datagramLimit = 64 * 1024
    /// Room for the answers to a whole batch, or for a burst of events.
    static let receiveBuffer = 1024 * 1024

    let descriptor: FileDescriptor
    let portID: PortID
    private var buffer = [UInt8](repeating: 0, count: datagramLimit)

    /// Opens a socket of a netlink family (`NETLINK_*`) that hears the given multicast groups (`RTNLGRP_*`).
    init(_ family: Int32 = NETLINK_ROUTE, groups: [rtnetlink_groups] = []) throws(Errno) {
        let kind = Int32(SOCK_RAW.rawValue) | Int32(SOCK_CLOEXEC.rawValue) | Int32(SOCK_NONBLOCK.rawValue)
        descriptor = FileDescriptor(owning: try retrying { Glibc.socket(AF_NETLINK, kind, family) })
        let number = descriptor.rawValue
        portID = try Self.bind(number, groups: groups.reduce(0) { $0 | 1 << ($1.rawValue - 1) })
        // Beyond net.core.rmem_max only with CAP_NET_ADMIN; without it as far as the limit goes.
        if (try? Self.set(number, SOL_SOCKET, SO_RCVBUFFORCE, Int32(Self.receiveBuffer))) == nil {
            try Self.set(number, SOL_SOCKET, SO_RCVBUF, Int32(Self.receiveBuffer))
        }
        try Self.set(number, SOL_NETLINK, NETLINK_EXT_ACK, 1)
        // Answers without the request in them: 256 refusals fit the receive buffer as well as 256 successes do.
        try Self.set(number, SOL_NETLINK, NETLINK_CAP_ACK, 1)
    }

    /// Makes room for long datagrams, beyond `net.core.wmem_max` only with CAP_NET_ADMIN.
    func setSendBuffer(_ bytes: Int) throws(Errno) {
        if (try? Self.set(descriptor.rawValue, SOL_SOCKET, SO_SNDBUFFORCE, Int32(bytes))) != nil { return }
        try Self.set(descriptor.rawValue, SOL_SOCKET, SO_SNDBUF, Int32(bytes))
    }

    /// Sends one datagram of requests to the kernel.
    func send(_ bytes: [UInt8]) throws(Errno) {
        let socket = descriptor.rawValue
        try retrying { unsafe Glibc.send(socket, bytes, bytes.count, 0) }
    }

    /// Receives one datagram and hands its messages to `body`; false when none waits.
    ///
    /// Throws `noBufferSpace` once when the kernel had to drop messages; those that still wait can be received.
    func receive(_ body: (NetlinkMessage) -> Void) throws(Errno) -> Bool {
        do throws(Errno) {
            let (count, sender) = try receiveDatagram()
            if count > buffer.count { throw .messageTooLong }
            // Anyone with CAP_NET_ADMIN may write to our port: only the kernel, port 0, is believed.
            if sender == .kernel {
                unsafe buffer.withUnsafeBytes { unsafe NetlinkMessage.forEach(in: .init(rebasing: $0[..<count]), body) }
            }
            return true
        } catch .wouldBlock {
            return false
        }
    }

    /// `MSG_TRUNC` makes the length that of the datagram, even where the buffer is shorter.
    private func receiveDatagram() throws(Errno) -> (count: Int, sender: PortID) {
        let socket = descriptor.rawValue
        var address = sockaddr_nl()
        var length = socklen_t(MemoryLayout<sockaddr_nl>.size)
        let count = try retrying {
            unsafe withUnsafeMutablePointer(to: &address) {
                unsafe $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { sender in
                    unsafe recvfrom(socket, &buffer, buffer.count, Int32(MSG_TRUNC), sender, &length)
                }
            }
        }
        return (count, PortID(address.nl_pid))
    }

    /// Binds and returns the port id. Port id 0 lets the kernel choose one: our pid is taken as soon as a second
    /// netlink socket exists.
    private static func bind(_ socket: Int32, groups: UInt32) throws(Errno) -> PortID {
        var address = sockaddr_nl()
        address.nl_family = sa_family_t(AF_NETLINK)
        address.nl_groups = groups
        var length = socklen_t(MemoryLayout<sockaddr_nl>.size)
        try retrying {
            unsafe withUnsafeMutablePointer(to: &address) {
                unsafe $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { name in
                    let result = unsafe Glibc.bind(socket, name, length)
                    return result == -1 ? -1 : unsafe getsockname(socket, name, &length)
                }
            }
        }
        return PortID(address.nl_pid)
    }

    private static func set(_ socket: Int32, _ level: Int32, _ option: Int32, _ value: Int32) throws(Errno) {
        var value = value
        try retrying { unsafe setsockopt(socket, level, option, &value, socklen_t(MemoryLayout<Int32>.size)) }
    }
}
