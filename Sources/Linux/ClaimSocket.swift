internal import CLinux
internal import Glibc
package import Net

/// Hears who claims some addresses on one interface (AF_PACKET, receiving only); opening it needs CAP_NET_RAW.
///
/// The filter is there and locked before the socket is bound, so that no other frame ever reaches this process, and
/// nobody who takes the process over can have it hear more.
package final class ClaimSocket {
    /// What tells of an address: one socket is bound to the one or to the other.
    package enum Family: Hashable, Sendable, CaseIterable {
        case arp
        case advertisement
    }

    /// Bytes that wait unread, before the kernel drops more: some dozens of frames.
    private static let receiveBuffer: Int32 = 32 * 1024

    package let interface: InterfaceIndex
    /// For `EventLoop.watch`: readable when a claim waits.
    package let descriptor: FileDescriptor

    /// - Parameter addresses: Those of the other family are left out.
    package init(on interface: InterfaceIndex, _ family: Family, of addresses: [IPAddress]) throws(PacketError) {
        self.interface = interface
        do throws(Errno) {
            let kind = Int32(SOCK_RAW.rawValue) | Int32(SOCK_CLOEXEC.rawValue) | Int32(SOCK_NONBLOCK.rawValue)
            // Protocol 0 hears nothing before it is bound.
            descriptor = FileDescriptor(owning: try retrying { socket(AF_PACKET, kind, 0) })
            let number = descriptor.rawValue
            try Self.attach(ClaimFilter(family, Set(addresses.compactMap(family.word))), to: number)
            try Self.set(number, SO_LOCK_FILTER, 1)
            try Self.set(number, SO_RCVBUF, Self.receiveBuffer)
            try PacketSocket.bind(number, to: interface, protocol: family.etherType)
        } catch {
            throw PacketError(act: "listen for claims on", interface: interface, errno: error)
        }
    }

    /// The next frame, as far as the filter keeps it; nil when none waits.
    ///
    /// Throws once when the interface has gone down, and goes on when it is up again.
    package func receive() throws(PacketError) -> [UInt8]? {
        do throws(Errno) {
            return try descriptor.read(upTo: ClaimFilter.snapLength)
        } catch .wouldBlock {
            return nil
        } catch {
            throw PacketError(act: "listen for claims on", interface: interface, errno: error)
        }
    }

    private static func attach(_ filter: ClaimFilter, to socket: Int32) throws(Errno) {
        var instructions = filter.instructions
        var failure: Errno?
        unsafe instructions.withUnsafeMutableBufferPointer { buffer in
            var program = unsafe sock_fprog(len: UInt16(buffer.count), filter: buffer.baseAddress)
            let size = unsafe socklen_t(MemoryLayout<sock_fprog>.size)
            do throws(Errno) {
                try retrying { unsafe setsockopt(socket, SOL_SOCKET, SO_ATTACH_FILTER, &program, size) }
            } catch {
                failure = error
            }
        }
        if let failure { throw failure }
    }

    private static func set(_ socket: Int32, _ option: Int32, _ value: Int32) throws(Errno) {
        var value = value
        try retrying { unsafe setsockopt(socket, SOL_SOCKET, option, &value, socklen_t(MemoryLayout<Int32>.size)) }
    }
}

extension ClaimSocket.Family {
    /// `ETH_P_ARP`, `ETH_P_IPV6`
    fileprivate var etherType: UInt16 {
        switch self {
        case .arp: 0x0806
        case .advertisement: 0x86dd
        }
    }

    /// The last 32 bits of an address of this family; nil for one of the other.
    fileprivate func word(of address: IPAddress) -> UInt32? {
        switch (self, address) {
        case (.arp, .v4(let value)): value
        case (.advertisement, .v6(let value)): UInt32(truncatingIfNeeded: value)
        case (.arp, .v6), (.advertisement, .v4): nil
        }
    }

    /// Whether there is anything to hear of these addresses.
    package func concerns(_ addresses: [IPAddress]) -> Bool { addresses.contains { word(of: $0) != nil } }
}
