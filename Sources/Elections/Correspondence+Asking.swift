package import Raft
package import Time

/// An own question, and what has come of its answer.
struct OwnQuestion: Hashable, Sendable {
    let peer: NodeID
    let question: Letter.Question
    let end: Instant
    var next: Instant
    var isReceived = false
    /// The run that answers: pieces of two runs make no document.
    var boot: UInt128?
    /// Nil until the first piece has said how many there are.
    var pieces: [[UInt8]?]?
    /// Pieces before this one are on their way, unless they were lost; the first come without being wanted.
    var wantedUpTo = Letter.window

    /// The first of those that are missing, as many as may be wanted at a time.
    var wanted: [Int] {
        guard let pieces, let first = pieces.firstIndex(of: nil) else { return [] }
        return (first..<min(first + Letter.window, pieces.count)).filter { pieces[$0] == nil }
    }

    mutating func note(_ piece: Letter.Piece, of boot: UInt128) {
        if pieces?.count != piece.count || self.boot != boot {
            self.boot = boot
            pieces = Array(repeating: nil, count: piece.count)
            wantedUpTo = Letter.window
        }
        pieces?[piece.place] = piece.bytes
    }

    /// The next of the pieces is one that nobody has sent yet.
    var isNextWindowDue: Bool { wanted.first.map { $0 >= wantedUpTo } ?? false }
}

extension Correspondence {
    /// Asks a peer; `answered` of the number that is returned comes within that time. Nil: it cannot be asked.
    package mutating func ask(
        _ peer: NodeID,
        _ line: String,
        orderer: String?,
        within time: Duration,
        at now: Instant
    ) -> (QuestionNumber, [Effect])? {
        guard questions.count < Self.mostQuestions, line.utf8.count <= Letter.lineLimit, Letter.isLine(line),
            orderer.map({ $0.utf8.count <= Letter.ordererLimit && Letter.isLine($0) }) ?? true
        else { return nil }
        lastNumber += 1
        let number = QuestionNumber(lastNumber)
        let question = Letter.Question(number, line, orderer: orderer)
        questions[number] = OwnQuestion(
            peer: peer,
            question: question,
            end: now + time,
            next: now + Self.patience
        )
        return (number, [.send(.question(question), to: peer)])
    }

    /// The peer has just learnt of this run, and could hear nothing before.
    package mutating func introduce(_ peer: NodeID, at now: Instant) -> [Effect] {
        questions.filter { $0.value.peer == peer && $0.value.pieces == nil }.sorted { $0.key.number < $1.key.number }
            .flatMap { press($0.key, at: now) }
    }

    mutating func repeatQuestions(at now: Instant) -> [Effect] {
        questions.keys.sorted { $0.number < $1.number }.flatMap { number -> [Effect] in
            guard let question = questions[number] else { return [] }
            if Deadline.timer(question.end).hasPassed(at: now) {
                return close(number, .failed(question.isReceived ? .unfinished : .silent))
            }
            return Deadline.timer(question.next).hasPassed(at: now) ? press(number, at: now) : []
        }
    }

    /// Asks again for what has not come.
    private mutating func press(_ number: QuestionNumber, at now: Instant) -> [Effect] {
        guard let question = questions[number] else { return [] }
        let isAtIt = question.isReceived && question.pieces == nil
        questions[number]?.next = now + (isAtIt ? Self.longPatience : Self.patience)
        guard let first = question.wanted.first else { return [.send(.question(question.question), to: question.peer)] }
        questions[number]?.wantedUpTo = max(question.wantedUpTo, first + Letter.window)
        return [.send(.want(Letter.Want(number, places: question.wanted)), to: question.peer)]
    }

    mutating func noteReceipt(_ number: QuestionNumber, from sender: Sender, at now: Instant) -> [Effect] {
        guard let question = questions[number], question.peer == sender.id, question.pieces == nil else { return [] }
        questions[number]?.isReceived = true
        questions[number]?.next = now + Self.longPatience
        return []
    }

    mutating func noteRefusal(
        _ number: QuestionNumber,
        _ refusal: QuestionRefusal,
        from sender: Sender
    ) -> [Effect] {
        guard let question = questions[number], question.peer == sender.id else { return [] }
        // The peer was restarted, or has forgotten it: what it may have done of an order is not known.
        let isLost = refusal == .forgotten && question.question.orderer != nil
        return close(number, .failed(isLost ? .unfinished : .refused(refusal)))
    }

    mutating func take(_ piece: Letter.Piece, from sender: Sender, at now: Instant) -> [Effect] {
        guard var question = questions[piece.number], question.peer == sender.id else { return [] }
        question.note(piece, of: sender.boot)
        question.isReceived = true
        question.next = now + Self.patience
        questions[piece.number] = question
        let pieces = question.pieces?.compactMap(\.self) ?? []
        if pieces.count == piece.count { return finish(piece.number, Array(pieces.joined())) }
        return question.isNextWindowDue ? press(piece.number, at: now) : []
    }

    private mutating func finish(_ number: QuestionNumber, _ bytes: [UInt8]) -> [Effect] {
        guard let text = String(validating: bytes, as: UTF8.self) else { return close(number, .failed(.illegible)) }
        return close(number, .document(text))
    }

    private mutating func close(_ number: QuestionNumber, _ outcome: Outcome) -> [Effect] {
        questions[number] = nil
        return [.answered(number, outcome)]
    }
}
