internal import CSodium

/// XChaCha20-Poly1305 (draft-irtf-cfrg-xchacha-03): secret, and not to be changed unnoticed.
enum Seal {
    static let keyLength = Int(crypto_aead_xchacha20poly1305_ietf_KEYBYTES)
    /// Long enough that a random start never meets another's.
    static let nonceLength = Int(crypto_aead_xchacha20poly1305_ietf_NPUBBYTES)
    /// What sealing adds.
    static let overhead = Int(crypto_aead_xchacha20poly1305_ietf_ABYTES)

    /// Before anything else.
    static func start() { precondition(sodium_init() >= 0, "libsodium does not start") }

    /// Seals `content`; `header` stays readable and can no more be changed than the content.
    static func close(_ content: [UInt8], header: [UInt8], nonce: [UInt8], key: [UInt8]) -> [UInt8] {
        check(nonce, key)
        var sealed = [UInt8](repeating: 0, count: content.count + overhead)
        let result = unsafe crypto_aead_xchacha20poly1305_ietf_encrypt(
            &sealed,
            nil,
            content,
            UInt64(content.count),
            header,
            UInt64(header.count),
            nil,
            nonce,
            key
        )
        precondition(result == 0, "sealing \(content.count) bytes failed")
        return sealed
    }

    /// Nil when a bit differs from what was sealed, of content, header, nonce or key.
    static func open(_ sealed: [UInt8], header: [UInt8], nonce: [UInt8], key: [UInt8]) -> [UInt8]? {
        check(nonce, key)
        guard sealed.count >= overhead else { return nil }
        var content = [UInt8](repeating: 0, count: sealed.count - overhead)
        let result = unsafe crypto_aead_xchacha20poly1305_ietf_decrypt(
            &content,
            nil,
            nil,
            sealed,
            UInt64(sealed.count),
            header,
            UInt64(header.count),
            nonce,
            key
        )
        return result == 0 ? content : nil
    }

    private static func check(_ nonce: [UInt8], _ key: [UInt8]) {
        precondition(nonce.count == nonceLength, "a nonce of \(nonce.count) bytes")
        precondition(key.count == keyLength, "a key of \(key.count) bytes")
    }
}
