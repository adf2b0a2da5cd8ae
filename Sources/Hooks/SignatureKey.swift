package import Linux

/// What the list of the hooks' digests is authenticated with: 256 bits, in the form that `vip-switch keygen` makes.
///
/// Whoever can read it can sign, so it keeps off those who may write a hook but not read this file.
package struct SignatureKey: Hashable, Sendable {
    let bytes: [UInt8]

    private static let largest = 4096

    /// Reads the file, which only its owner and a group may read, and only its owner write.
    package static func read(_ path: String, for user: User = .effective) throws(HookRefusal) -> SignatureKey {
        let file: RegularFile
        do throws(Errno) {
            file = try RegularFile.read(path, limit: largest)
        } catch .noEntry {
            throw HookRefusal("no key \(path); make it with: vip-switch keygen --output \(path)")
        } catch {
            throw HookRefusal("cannot read the key \(path): \(error)")
        }
        try judge(file.status, path, user)
        let lines = String(decoding: file.bytes, as: UTF8.self).split(separator: "\n")
        let first = lines.map { $0.filter { !$0.isWhitespace } }.first { !$0.isEmpty && !$0.hasPrefix("#") }
        guard let first, let bytes = Digest.bytes(first) else {
            throw HookRefusal("\(path) holds no key; expected 64 hexadecimal digits, as vip-switch keygen makes them")
        }
        return SignatureKey(bytes: bytes)
    }

    private static func judge(_ status: FileStatus, _ path: String, _ user: User) throws(HookRefusal) {
        if status.permissions & 0o007 != 0 {
            throw HookRefusal("others may read or write the key \(path); chmod o= \(path)")
        }
        if status.isWritableByGroup { throw HookRefusal("a group may write the key \(path); chmod g-w \(path)") }
        if status.owner != User.root.id, status.owner != user.id, !user.isRoot {
            throw HookRefusal("the key \(path) belongs to \(User(id: status.owner).name); chown root \(path)")
        }
    }
}
