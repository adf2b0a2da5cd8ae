internal import CLinux
internal import Glibc
package import Net

/// A non-blocking socket on which TCP clients are waited for.
package struct TCPListener: ~Copyable {
    package let descriptor: FileDescriptor

    /// Throws EADDRINUSE where another process has the port, EADDRNOTAVAIL where the machine lacks the address.
    ///
    /// `[::]` hears IPv4 too, as people expect of a server.
    package init(at endpoint: Endpoint, backlog: Int32 = 128) throws(Errno) {
        let address = SocketAddress(endpoint)
        let kind = Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue) | Int32(SOCK_NONBLOCK.rawValue)
        let unbound = FileDescriptor(owning: try retrying { socket(address.domain, kind, 0) })
        let number = unbound.rawValue
        // A restart must not wait for the connections of the last run to be forgotten.
        try retrying { unsafe setsockopt(number, SOL_SOCKET, SO_REUSEADDR, [Int32(1)], 4) }
        if address.domain == AF_INET6 {
            try retrying { unsafe setsockopt(number, Int32(IPPROTO_IPV6), IPV6_V6ONLY, [Int32(0)], 4) }
        }
        try retrying { unsafe address.withPointer { unsafe bind(number, $0, $1) } }
        try retrying { listen(number, backlog) }
        descriptor = unbound
    }

    /// Names the port that the kernel chose for port 0.
    package borrowing func localEndpoint() throws(Errno) -> Endpoint {
        let number = descriptor.rawValue
        var address = SocketAddress()
        try retrying { unsafe address.fill { unsafe getsockname(number, $0, $1) } }
        guard let endpoint = address.endpoint else { throw .invalidArgument }
        return endpoint
    }

    /// Gives up ownership: whoever gets the number closes it.
    package consuming func release() -> Int32 { descriptor.release() }
}
