internal import CLinux
internal import Glibc

/// A user of this machine.
package struct User: Hashable, Sendable {
    package var id: UInt32

    package init(id: UInt32) { self.id = id }

    package static let root = User(id: 0)

    /// Who this process acts as: `geteuid(2)`.
    package static var effective: User { User(id: geteuid()) }

    package var isRoot: Bool { self == .root }

    /// The name of the account, or the number where it has none.
    package var name: String {
        guard let entry = unsafe getpwuid(id), let name = unsafe entry.pointee.pw_name else { return "\(id)" }
        return unsafe String(cString: name)
    }
}

extension User {
    /// The user's own folder, and `/` where there is no such account.
    package var home: String {
        guard let entry = unsafe getpwuid(id), let home = unsafe entry.pointee.pw_dir else { return "/" }
        return unsafe String(cString: home)
    }

    /// Makes this process the user's for good, with the groups of the account: `setresuid(2)` and its like. Takes root.
    package func become() throws(Errno) {
        var group: UInt32 = id
        var name = "\(id)"
        if let entry = unsafe getpwuid(id) {
            group = unsafe entry.pointee.pw_gid
            name = self.name
        }
        try retrying { unsafe initgroups(name, group) }
        try retrying { clinux_become(id, group) }
    }
}

/// A group of this machine's users.
package struct UserGroup: Hashable, Sendable {
    package var id: UInt32

    package init(id: UInt32) { self.id = id }

    package var name: String {
        guard let entry = unsafe getgrgid(id), let name = unsafe entry.pointee.gr_name else { return "\(id)" }
        return unsafe String(cString: name)
    }
}
