import Linux

/// The page for people: one document that asks for nothing from elsewhere.
enum Page {
    /// Its pieces, between which the nonce stands.
    private static let pieces: [String] = {
        let text = { (bytes: [UInt8]) in String(decoding: bytes, as: UTF8.self) }
        return text(PackageResources.page_html)
            .replacing("@CSS@", with: text(PackageResources.page_css))
            .replacing("@JS@", with: text(PackageResources.page_js))
            .split(separator: "@NONCE@", omittingEmptySubsequences: false).map(String.init)
    }()

    static func document(nonce: String) -> String { pieces.joined(separator: nonce) }

    /// What the browser may do with it: run and paint what has the nonce, ask where it comes from, and nothing else.
    static func policy(nonce: String) -> String {
        "default-src 'none'; script-src 'nonce-\(nonce)'; style-src 'nonce-\(nonce)'; connect-src 'self'; img-src data:; "
            + "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    }

    /// Another for each answer, so that nobody can have guessed it.
    static func nonce() -> String {
        Random.bytes(16).map { byte in (byte < 16 ? "0" : "") + String(byte, radix: 16) }.joined()
    }
}
