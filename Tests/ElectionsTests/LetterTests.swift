import Net
import Raft
import Samples
import Testing
import Time

@testable import Elections

private let number = QuestionNumber(7)

@Suite struct `A letter` {
    static let letters: [Letter] = [
        .question(Letter.Question(number, "status")), .question(Letter.Question(number, "", orderer: "user 0, pid 1")),
        .question(
            Letter.Question(
                number,
                String(repeating: "x", count: Letter.lineLimit),
                orderer: String(repeating: "y", count: Letter.ordererLimit)
            )
        ),
        .receipt(number), .piece(Letter.Piece(number, place: 0, of: 1, [])),
        .piece(Letter.Piece(number, place: 254, of: 256, Array(repeating: 9, count: Letter.pieceLength))),
        .piece(Letter.Piece(number, place: 255, of: 256, [1])), .want(Letter.Want(number, places: [0])),
        .want(Letter.Want(number, places: [240, 247, 255])), .refusal(number, .busy),
    ]

    @Test(arguments: letters) func `is read as it was written, and fits into a datagram`(letter: Letter) throws {
        #expect(try Letter(decoding: letter.encoded) == letter)
        #expect(letter.encoded.count <= SealedTransport.messageLimit)
    }

    @Test(arguments: letters) func `is refused when it is cut short or has more to it`(letter: Letter) {
        let bytes = letter.encoded
        for count in 0..<bytes.count {
            if case .piece(let piece) = letter, piece.place == piece.count - 1, count >= 13 + min(1, piece.count - 1) {
                continue
            }
            #expect(throws: Malformed.self) { try Letter(decoding: Array(bytes[..<count])) }
        }
        if case .piece(let piece) = letter, piece.place == piece.count - 1 { return }
        #expect(throws: Malformed.self) { try Letter(decoding: bytes + [0]) }
    }

    @Test(
        arguments: [
            ("no number", [2, 0, 0, 0, 0, 0, 0, 0, 0]), ("another kind", [9, 0, 0, 0, 0, 0, 0, 0, 1]),
            ("another refusal", [5, 0, 0, 0, 0, 0, 0, 0, 1, 99]),
            ("a piece behind the last", [3, 0, 0, 0, 0, 0, 0, 0, 1, 0, 1, 0, 1, 5]),
            ("too many pieces", [3, 0, 0, 0, 0, 0, 0, 0, 1, 1, 0, 1, 1, 5]),
            ("a piece of another length", [3, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 2, 5]),
            ("pieces that are none", [4, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0]),
            ("pieces beyond the last", [4, 0, 0, 0, 0, 0, 0, 0, 1, 0, 255, 0, 3]),
            ("two lines", [1, 0, 0, 0, 0, 0, 0, 0, 1, 0, 3, 97, 10, 98, 0]),
            ("no text", [1, 0, 0, 0, 0, 0, 0, 0, 1, 0, 1, 255, 0]),
        ] as [(String, [UInt8])]
    ) func `is refused with`(what: String, bytes: [UInt8]) {
        #expect(throws: Malformed.self) { try Letter(decoding: bytes) }
    }

    @Test func `of any bytes is read or refused`() {
        var dice = SeededRandom(seed: 5)
        for _ in 0..<20_000 {
            let bytes = (0..<Int(dice.next() % 40)).map { _ in UInt8(truncatingIfNeeded: dice.next() % 9) }
            guard let letter = try? Letter(decoding: bytes) else { continue }
            #expect(letter.encoded == bytes)
        }
    }
}
