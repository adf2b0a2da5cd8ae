internal import CSodium

/// Digests of a hook's content: SHA-256 (FIPS 180-4), and HMAC of it (RFC 2104).
enum Digest {
    static let count = Int(crypto_hash_sha256_BYTES)

    static func sha256(of content: [UInt8]) -> [UInt8] {
        var digest = [UInt8](repeating: 0, count: count)
        let result = unsafe crypto_hash_sha256(&digest, content, UInt64(content.count))
        precondition(result == 0, "crypto_hash_sha256 of \(content.count) bytes")
        return digest
    }

    static func hmac(of content: [UInt8], key: [UInt8]) -> [UInt8] {
        precondition(key.count == count, "a key of \(key.count) bytes")
        var digest = [UInt8](repeating: 0, count: Int(crypto_auth_hmacsha256_BYTES))
        let result = unsafe crypto_auth_hmacsha256(&digest, content, UInt64(content.count), key)
        precondition(result == 0, "crypto_auth_hmacsha256 of \(content.count) bytes")
        return digest
    }

    /// In a time that tells nothing of where they differ.
    static func areEqual(_ one: [UInt8], _ other: [UInt8]) -> Bool {
        guard one.count == other.count else { return false }
        return unsafe sodium_memcmp(one, other, one.count) == 0
    }

    static func text(_ digest: [UInt8]) -> String {
        digest.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
    }

    /// Nil unless there are two hexadecimal digits for each of `count` bytes.
    static func bytes(_ text: some StringProtocol) -> [UInt8]? {
        let digits = text.utf8.compactMap { Character(UnicodeScalar($0)).hexDigitValue }
        guard digits.count == 2 * count, text.utf8.count == 2 * count else { return nil }
        return stride(from: 0, to: 2 * count, by: 2).map { UInt8(digits[$0] << 4 | digits[$0 + 1]) }
    }
}
