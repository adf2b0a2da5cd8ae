@testable import Elections
import Net
import Samples
import Testing

@Suite struct `A cluster's secret` {
    private let one = String(repeating: "0a", count: 32)
    private let two = String(repeating: "fF", count: 32)

    @Test func `comes back from its text`() throws {
        let secret = ClusterSecret.generate()
        #expect(try ClusterSecret.parse(secret.text + "\n") == [secret])
        #expect(ClusterSecret.generate() != secret)
    }

    @Test func `may be followed by others, between comments and empty lines`() throws {
        let secrets = try ClusterSecret.parse("# new\n\(one)\r\n\n  \(two)  \n")
        #expect(secrets.map(\.text) == [one, two.lowercased()])
        #expect(secrets[0].keyID != secrets[1].keyID)
    }

    @Test(arguments: ["12", String(repeating: "g", count: 64), String(repeating: "é", count: 32)])
    func `is 64 hexadecimal digits and nothing else`(text: String) {
        #expect(throws: Malformed.invalid("line 2 is no key; expected 64 hexadecimal digits")) {
            try ClusterSecret.parse("#\n\(text)\n")
        }
    }

    @Test func `is not an empty file`() {
        #expect(throws: Malformed.invalid("the file has no key; expected 64 hexadecimal digits")) {
            try ClusterSecret.parse("\n# nothing\n")
        }
    }

    @Test func `is not shown by its description`() throws {
        let secret = try #require(ClusterSecret(one))
        #expect(!"\(secret)".contains("0a0a"))
    }

    @Test func `makes a key of its own for each direction and purpose`() throws {
        let secret = try #require(ClusterSecret(one))
        let keys: Set<[UInt8]> = [
            secret.key(for: .messages, from: node("a"), to: node("b")),
            secret.key(for: .messages, from: node("b"), to: node("a")),
            secret.key(for: .wills, from: node("a"), to: node("b")),
            ClusterSecret.insecure.key(for: .messages, from: node("a"), to: node("b")),
        ]
        #expect(keys.count == 4)
        #expect(keys.allSatisfy { $0.count == 32 })
    }
}
