internal import CLinux
internal import Glibc
package import Net

extension Errno {
    /// Nobody has answered for the address on its link.
    package static let hostUnreachable = Errno(EHOSTUNREACH)
}

extension UDPSocket {
    /// `connect(2)`: only datagrams of that endpoint are heard from then on, and what its machine refuses
    /// (`connectionRefused`) is thrown by the next call.
    package borrowing func connect(to endpoint: Endpoint) throws(Errno) {
        let number = descriptor.rawValue
        let address = SocketAddress(endpoint)
        try retrying { unsafe address.withPointer { unsafe Glibc.connect(number, $0, $1) } }
    }
}
