internal import CLinux
internal import Glibc

/// Who is at the other end of a unix socket, as the kernel noted at connect(2) (`SO_PEERCRED`).
package struct UnixPeer: Hashable, Sendable {
    package var pid: Int32
    package var user: UInt32
    package var group: UInt32

    package init(pid: Int32, user: UInt32, group: UInt32) {
        self.pid = pid
        self.user = user
        self.group = group
    }

    package init(of socket: borrowing FileDescriptor) throws(Errno) {
        var credentials = clinux_credentials()
        let number = socket.rawValue
        try retrying { unsafe clinux_peer(number, &credentials) }
        self.init(pid: credentials.pid, user: credentials.user, group: credentials.group)
    }
}
