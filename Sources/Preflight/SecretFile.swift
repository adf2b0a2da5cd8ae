internal import Configuration
internal import Elections
internal import Linux

/// The file of `cluster.secret_file`.
enum SecretFile {
    /// Why it cannot be used, and what to type.
    struct Refusal: Error, CustomStringConvertible {
        var description: String
    }

    private static let largest = 65536

    static func read(_ path: String, for user: User) throws(Refusal) -> [ClusterSecret] {
        let file: RegularFile
        do {
            file = try RegularFile.read(path, limit: largest)
        } catch .noEntry {
            // A node with a key of its own hears nobody.
            throw Refusal(
                description: "no secret file \(path); make one with `vip-switch keygen --output cluster.key` on one "
                    + "node and copy the same to all"
            )
        } catch .accessDenied {
            throw Refusal(
                description: "\(user.name) cannot read \(path); expected it to belong to \(user.name) with mode 0600, "
                    + "or to root with a group of \(user.name) and mode 0640"
            )
        } catch {
            throw Refusal(description: "cannot read \(path): \(error); expected a file that vip-switch keygen made")
        }
        try judge(file.status, path, user)
        return try parse(file.bytes, path)
    }

    /// Owner and group may read it, others not, and nobody but its owner may write it: whoever knows the secret can
    /// take the VIPs, and whoever may change it as well.
    private static func judge(_ status: FileStatus, _ path: String, _ user: User) throws(Refusal) {
        if status.permissions & 0o007 != 0 {
            throw Refusal(description: "others may read or write \(path); type: chmod o= \(path)")
        }
        if status.isWritableByGroup {
            throw Refusal(description: "a group may write \(path); type: chmod g-w \(path)")
        }
        // Root may check for the service user, whoever that is.
        if status.owner != User.root.id, status.owner != user.id, !user.isRoot {
            let owner = User(id: status.owner).name
            throw Refusal(description: "\(path) belongs to \(owner); type: chown \(user.name) \(path)")
        }
    }

    private static func parse(_ bytes: [UInt8], _ path: String) throws(Refusal) -> [ClusterSecret] {
        do {
            return try ClusterSecret.parse(String(decoding: bytes, as: UTF8.self))
        } catch {
            throw Refusal(description: "\(path): \(error)")
        }
    }
}
