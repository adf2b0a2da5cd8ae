internal import CLinux
internal import Glibc
package import Net

/// A non-blocking datagram socket that is bound to one address.
package struct UDPSocket: ~Copyable {
    /// For `EventLoop.watch`.
    package let descriptor: FileDescriptor

    /// Throws EADDRINUSE where another process has the port, EADDRNOTAVAIL where the machine lacks the address.
    ///
    /// With `mayBeAbsent` (IP_FREEBIND) it need not have the address: nothing arrives while it has not.
    package init(boundTo endpoint: Endpoint, mayBeAbsent: Bool = false) throws(Errno) {
        let address = SocketAddress(endpoint)
        let kind = Int32(SOCK_DGRAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue) | Int32(SOCK_NONBLOCK.rawValue)
        let unbound = FileDescriptor(owning: try retrying { socket(address.domain, kind, 0) })
        let number = unbound.rawValue
        if address.domain == AF_INET6 {
            // Or else `::` would hear IPv4 too, from addresses that are nobody's.
            try retrying { unsafe setsockopt(number, Int32(IPPROTO_IPV6), IPV6_V6ONLY, [Int32(1)], 4) }
        }
        if mayBeAbsent {
            let isV4 = address.domain == AF_INET
            let (level, option) = isV4 ? (IPPROTO_IP, IP_FREEBIND) : (IPPROTO_IPV6, IPV6_FREEBIND)
            var on: Int32 = 1
            let size = socklen_t(MemoryLayout<Int32>.size)
            try retrying { unsafe setsockopt(number, Int32(level), option, &on, size) }
        }
        try retrying { unsafe address.withPointer { unsafe bind(number, $0, $1) } }
        descriptor = unbound
    }
}

/// What arrived, and where from.
package struct Datagram: Hashable, Sendable {
    package let bytes: [UInt8]
    package let source: Endpoint
}

extension UDPSocket {
    /// `sendto(2)`. EAGAIN, ENOBUFS, EPERM (a packet filter) and unreachable networks are losses like any other.
    package borrowing func send(_ bytes: [UInt8], to endpoint: Endpoint) throws(Errno) {
        let number = descriptor.rawValue
        let address = SocketAddress(endpoint)
        try retrying { unsafe address.withPointer { unsafe sendto(number, bytes, bytes.count, 0, $0, $1) } }
    }

    /// `recvfrom(2)`: the next datagram; nil when none is waiting.
    ///
    /// A datagram of more than `limit` bytes comes cut to `limit` + 1, which shows its reader that it is too long.
    package borrowing func receive(limit: Int) throws(Errno) -> Datagram? {
        let number = descriptor.rawValue
        var source = SocketAddress()
        var failure: Errno?
        let bytes = unsafe [UInt8](unsafeUninitializedCapacity: limit + 1) { buffer, filled in
            do throws(Errno) {
                filled = try retrying {
                    unsafe source.fill { unsafe recvfrom(number, buffer.baseAddress, limit + 1, 0, $0, $1) }
                }
            } catch {
                failure = error
            }
        }
        if failure == .wouldBlock { return nil }
        if let failure { throw failure }
        guard let endpoint = source.endpoint else { throw .invalidArgument }
        return Datagram(bytes: bytes, source: endpoint)
    }

    /// Where the socket is bound: names the port that the kernel chose for port 0.
    package borrowing func localEndpoint() throws(Errno) -> Endpoint {
        let number = descriptor.rawValue
        var address = SocketAddress()
        try retrying { unsafe address.fill { unsafe getsockname(number, $0, $1) } }
        guard let endpoint = address.endpoint else { throw .invalidArgument }
        return endpoint
    }
}
