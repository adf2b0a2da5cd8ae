internal import CLinux
internal import Glibc
package import Net

extension UDPSocket {
    /// `connect(2)`: only datagrams of that endpoint are heard from then on, and what its machine refuses
    /// (`connectionRefused`) is thrown by the next call.
    package borrowing func connect(to endpoint: Endpoint) throws(Errno) {
        let number = descriptor.rawValue
        let address = SocketAddress(endpoint)
        try retrying { unsafe address.withPointer { unsafe Glibc.connect(number, $0, $1) } }
    }
}
