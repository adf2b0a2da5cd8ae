package import Net
internal import Storage

/// What members say to each other beside the election: questions, and answers that may be longer than a datagram.
///
/// The receiver of a question owns the order of things: it is asked, and asked again for what did not arrive. So whoever
/// answers sends nothing that is not wanted, and keeps nothing for a peer that is gone.
package enum Letter: Hashable, Sendable {
    /// "Tell me …", or where it is an order "do …". Asked again, it is the same question by its number.
    case question(Question)
    /// "Your question is here, and the answer takes its time."
    case receipt(QuestionNumber)
    case piece(Piece)
    /// "These pieces I still lack."
    case want(Want)
    case refusal(QuestionNumber, QuestionRefusal)

    package struct Question: Hashable, Sendable {
        package let number: QuestionNumber
        package let line: String
        /// Who orders it at the asking node, for the log; nil for a question that changes nothing.
        package let orderer: String?

        package init(_ number: QuestionNumber, _ line: String, orderer: String? = nil) {
            self.number = number
            self.line = line
            self.orderer = orderer
        }
    }

    /// Number `place` of `count` that make the document.
    package struct Piece: Hashable, Sendable {
        package let number: QuestionNumber
        package let place: Int
        package let count: Int
        package let bytes: [UInt8]

        package init(_ number: QuestionNumber, place: Int, of count: Int, _ bytes: [UInt8]) {
            self.number = number
            self.place = place
            self.count = count
            self.bytes = bytes
        }
    }

    package struct Want: Hashable, Sendable {
        package let number: QuestionNumber
        /// In order, all within `window` of the first.
        package let places: [Int]

        package init(_ number: QuestionNumber, places: [Int]) {
            self.number = number
            self.places = places
        }
    }

    /// Of a line, in bytes.
    package static let lineLimit = 512
    package static let ordererLimit = 128
    /// Of a document, in bytes.
    package static let documentLimit = pieceLength * 256
    /// Of all pieces but the last.
    package static let pieceLength = 1024
    /// How many pieces may be wanted at a time.
    package static let window = 16
    static let pieceLimit = documentLimit / pieceLength

    /// One line, and nothing that would drive a terminal or a log.
    static func isLine(_ text: String) -> Bool {
        text.unicodeScalars.allSatisfy { $0.value >= 0x20 && !(0x7f...0x9f).contains($0.value) }
    }
}

/// Counts a node's questions up from 1 within a run.
package struct QuestionNumber: Hashable, Sendable {
    package let number: UInt64
    package init(_ number: UInt64) { self.number = number }
}

/// Why a peer gives no answer.
package enum QuestionRefusal: UInt8, Hashable, Sendable, CaseIterable {
    /// The asker is no member of the cluster, as far as the peer knows.
    case notMember = 1
    /// It answers as many as it can already.
    case busy
    /// The answer is longer than `Letter.documentLimit`.
    case tooLong
    /// It was asked before and forgotten, or by a datagram that strayed: it is not done twice.
    case forgotten
}

/// Letters as bytes: a kind, then the fields in the order of their declaration.
extension Letter {
    private enum Kind: UInt8 {
        case question = 1
        case receipt, piece, want, refusal
    }

    package var encoded: [UInt8] {
        var writer = FieldWriter()
        switch self {
        case .question(let question):
            writer.append(Kind.question.rawValue, question.number)
            writer.append(text: question.line, limit: Self.lineLimit)
            writer.append(question.orderer != nil)
            if let orderer = question.orderer { writer.append(text: orderer, limit: Self.ordererLimit) }
        case .receipt(let number): writer.append(Kind.receipt.rawValue, number)
        case .piece(let piece):
            writer.append(Kind.piece.rawValue, piece.number)
            writer.append(UInt16(piece.place))
            writer.append(UInt16(piece.count))
            writer.append(raw: piece.bytes)
        case .want(let want):
            writer.append(Kind.want.rawValue, want.number)
            writer.append(UInt16(want.places.first ?? 0))
            writer.append(want.mask)
        case .refusal(let number, let refusal):
            writer.append(Kind.refusal.rawValue, number)
            writer.append(refusal.rawValue)
        }
        return writer.bytes
    }

    /// Reads a whole letter; refuses what is cut short, has bytes to spare, or says what no sender says.
    package init(decoding bytes: [UInt8]) throws(Malformed) {
        var reader = FieldReader(bytes)
        let kind = try reader.integer(UInt8.self)
        let number = QuestionNumber(try reader.integer())
        guard number.number > 0 else { throw .invalid("a question without a number") }
        switch Kind(rawValue: kind) {
        case .question:
            let line = try reader.text(limit: Self.lineLimit)
            let orderer = try reader.flag() ? try reader.text(limit: Self.ordererLimit) : nil
            self = .question(Question(number, line, orderer: orderer))
        case .receipt: self = .receipt(number)
        case .piece: self = .piece(try reader.piece(of: number, in: bytes.count))
        case .want: self = .want(try reader.want(of: number))
        case .refusal:
            let value = try reader.integer(UInt8.self)
            guard let refusal = QuestionRefusal(rawValue: value) else { throw .invalid("refusal \(value)") }
            self = .refusal(number, refusal)
        case nil: throw .invalid("a letter of kind \(kind)")
        }
        try reader.expectEnd()
    }
}

extension Letter.Want {
    /// Bit 0 for the first of the places.
    fileprivate var mask: UInt16 {
        let first = places.first ?? 0
        return places.reduce(0) { $0 | 1 << UInt16($1 - first) }
    }

    fileprivate init(_ number: QuestionNumber, from first: Int, mask: UInt16) {
        self.init(number, places: (0..<Letter.window).filter { mask & 1 << UInt16($0) != 0 }.map { first + $0 })
    }
}

extension FieldWriter {
    fileprivate mutating func append(_ kind: UInt8, _ number: QuestionNumber) {
        append(kind)
        append(number.number)
    }

    fileprivate mutating func append(text: String, limit: Int) {
        let bytes = Array(text.utf8)
        precondition(bytes.count <= limit, "a text of \(bytes.count) bytes")
        append(UInt16(bytes.count))
        append(raw: bytes)
    }
}

extension FieldReader {
    fileprivate mutating func text(limit: Int) throws(Malformed) -> String {
        let length = Int(try integer(UInt16.self))
        guard length <= limit else { throw .invalid("a text of \(length) bytes") }
        guard let text = String(validating: try take(length), as: UTF8.self) else {
            throw .invalid("a text of other characters")
        }
        guard Letter.isLine(text) else { throw .invalid("a text of more than a line") }
        return text
    }

    /// All pieces but the last are of one length, so that what is put together cannot have gaps.
    fileprivate mutating func piece(of number: QuestionNumber, in total: Int) throws(Malformed) -> Letter.Piece {
        let (place, count) = (Int(try integer(UInt16.self)), Int(try integer(UInt16.self)))
        guard place < count, count <= Letter.pieceLimit else { throw .invalid("piece \(place) of \(count)") }
        let length = total - Letter.pieceOverhead
        let isLast = place == count - 1
        guard isLast ? length <= Letter.pieceLength && (length > 0 || count == 1) : length == Letter.pieceLength else {
            throw .invalid("piece \(place) of \(count) with \(length) bytes")
        }
        return Letter.Piece(number, place: place, of: count, Array(try take(length)))
    }

    fileprivate mutating func want(of number: QuestionNumber) throws(Malformed) -> Letter.Want {
        let (first, mask) = (Int(try integer(UInt16.self)), try integer(UInt16.self))
        guard mask & 1 == 1 else { throw .invalid("pieces that do not begin with the first") }
        guard first + Letter.window - mask.leadingZeroBitCount <= Letter.pieceLimit else {
            throw .invalid("pieces from \(first) on")
        }
        return Letter.Want(number, from: first, mask: mask)
    }
}

extension Letter {
    /// Kind, number, place, count.
    fileprivate static let pieceOverhead = 13
}
