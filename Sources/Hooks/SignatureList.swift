internal import Linux

/// The digests of all programs that may be run as hooks, vouched for by a key as a whole, so that no old version of one of
/// them can be put beside new ones.
///
/// The form is that of sha256sum(1), and a last line `hmac-sha256 HEX` over all bytes before it.
package struct SignatureList: Hashable, Sendable {
    private static let largest = 1 << 20
    private static let mark = "hmac-sha256 "

    private let digests: [String: [UInt8]]
    private let path: String

    /// Reads a list that the key vouches for.
    package static func read(_ path: String, key: SignatureKey) throws(HookRefusal) -> SignatureList {
        let bytes: [UInt8]
        do throws(Errno) {
            bytes = try RegularFile.read(path, limit: largest).bytes
        } catch .noEntry {
            throw HookRefusal("no signature file \(path); make it with: vip-switch hooks sign --config FILE")
        } catch {
            throw HookRefusal("cannot read the signature file \(path): \(error)")
        }
        return try SignatureList(bytes, path, key)
    }

    init(_ bytes: [UInt8], _ path: String, _ key: SignatureKey) throws(HookRefusal) {
        self.path = path
        let lines = bytes.split(separator: UInt8(ascii: "\n"))
        guard let last = lines.last, last.starts(with: Self.mark.utf8),
            let found = Digest.bytes(String(decoding: last.dropFirst(Self.mark.utf8.count), as: UTF8.self))
        else {
            throw HookRefusal(
                "\(path) is not signed; expected a last line \(Self.mark)… as vip-switch hooks sign makes it"
            )
        }
        guard Digest.areEqual(found, Digest.hmac(of: Array(bytes[..<last.startIndex]), key: key.bytes)) else {
            throw HookRefusal(
                "\(path) was changed after it was signed, or with another key; look at the hooks and sign them again: "
                    + "vip-switch hooks sign --config FILE"
            )
        }
        digests = try Self.digests(lines.dropLast(), path)
    }

    private static func digests(
        _ lines: ArraySlice<ArraySlice<UInt8>>,
        _ path: String
    ) throws(HookRefusal) -> [String: [UInt8]] {
        var digests: [String: [UInt8]] = [:]
        for line in lines {
            let text = String(decoding: line, as: UTF8.self)
            guard text.utf8.count > 66, let digest = Digest.bytes(text.prefix(64)) else {
                throw HookRefusal("\(path) has a line that is no digest and path: \(text.prefix(80))")
            }
            digests[String(text.dropFirst(66))] = digest
        }
        return digests
    }

    /// Throws where the list does not name the program, or names it with another content.
    package func verify(_ program: String, _ content: [UInt8]) throws(HookRefusal) {
        guard let digest = digests[program] else {
            throw HookRefusal("\(path) does not name \(program); sign it with: vip-switch hooks sign --config FILE")
        }
        guard Digest.areEqual(digest, Digest.sha256(of: content)) else {
            throw HookRefusal(
                "\(program) is not what was signed in \(path); look at it, and sign it with: "
                    + "vip-switch hooks sign --config FILE"
            )
        }
    }

    /// The text of a list; programs that stand in it twice are listed once.
    package static func text(of programs: [String: [UInt8]], key: SignatureKey) -> String {
        let list = programs.sorted { $0.key < $1.key }
            .map { "\(Digest.text(Digest.sha256(of: $0.value)))  \($0.key)\n" }.joined()
        return list + mark + Digest.text(Digest.hmac(of: Array(list.utf8), key: key.bytes)) + "\n"
    }
}
