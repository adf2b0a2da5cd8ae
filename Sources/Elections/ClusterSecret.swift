internal import CSodium
internal import Linux
package import Net
internal import Raft

/// What the nodes of a cluster share and nobody else knows: 256 random bits, 64 hexadecimal digits in the key file.
package struct ClusterSecret: Hashable, Sendable {
    private let bytes: [UInt8]
    /// Tells which of several secrets a datagram was sealed with; says nothing about the secret.
    let keyID: UInt32

    private init(bytes: [UInt8]) {
        self.bytes = bytes
        let hash = Self.hash(Array("vip-switch key id".utf8), key: bytes, count: 16)
        keyID = hash[..<4].reduce(0) { $0 << 8 | UInt32($1) }
    }

    package static func generate() -> ClusterSecret { ClusterSecret(bytes: Random.bytes(32)) }

    /// The secret that everybody knows, for `cluster.insecure`: the same datagrams, kept from nobody.
    package static let insecure = ClusterSecret(bytes: hash(Array("insecure".utf8), key: [], count: 32))

    /// 64 hexadecimal digits, as the key file has them.
    package var text: String {
        bytes.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
    }

    /// Reads a key file: a secret a line; empty lines and those that begin with `#` are skipped.
    ///
    /// The first seals, all open: so a key is changed without an outage. Throws for a file without a secret too.
    package static func parse(_ file: String) throws(Malformed) -> [ClusterSecret] {
        var secrets: [ClusterSecret] = []
        for (number, line) in file.split(separator: "\n", omittingEmptySubsequences: false).enumerated() {
            let text = line.filter { !$0.isWhitespace }
            if text.isEmpty || text.hasPrefix("#") { continue }
            guard let secret = ClusterSecret(text) else {
                throw .invalid("line \(number + 1) is no key; expected 64 hexadecimal digits")
            }
            secrets.append(secret)
        }
        guard !secrets.isEmpty else { throw .invalid("the file has no key; expected 64 hexadecimal digits") }
        return secrets
    }

    /// Nil unless there are 64 hexadecimal digits.
    package init?(_ text: String) {
        let digits = text.utf8.compactMap { Character(UnicodeScalar($0)).hexDigitValue }
        guard digits.count == 64, text.utf8.count == 64 else { return nil }
        self.init(bytes: stride(from: 0, to: 64, by: 2).map { UInt8(digits[$0] << 4 | digits[$0 + 1]) })
    }
}

extension ClusterSecret: CustomStringConvertible {
    /// Never the secret: this is what a log line would show.
    package var description: String { "secret \(String(keyID, radix: 16))" }
}

extension ClusterSecret {
    /// What a key is for; a will must open for ever, so it shares no nonces with messages.
    enum Purpose: String {
        case messages = "vip-switch messages 1"
        case wills = "vip-switch wills 1"
        case probes = "vip-switch probes 1"
    }

    /// The key of one direction: a datagram that is turned back on its sender does not open.
    func key(for purpose: Purpose, from sender: NodeID, to receiver: NodeID) -> [UInt8] {
        var context: [UInt8] = []
        context.append(string: purpose.rawValue)
        context.append(string: sender.text)
        context.append(string: receiver.text)
        return Self.hash(context, key: bytes, count: Int(crypto_aead_xchacha20poly1305_ietf_KEYBYTES))
    }

    /// BLAKE2b of 16 to 64 bytes, keyed when there is a key.
    static func hash(_ input: [UInt8], key: [UInt8], count: Int) -> [UInt8] {
        var output = [UInt8](repeating: 0, count: count)
        let result = unsafe crypto_generichash(
            &output,
            count,
            input,
            UInt64(input.count),
            key.isEmpty ? nil : key,
            key.count
        )
        precondition(result == 0, "crypto_generichash of \(count) bytes with a key of \(key.count)")
        return output
    }
}
