internal import Raft
package import Time

/// What became of a peer's question.
struct GivenAnswer: Hashable, Sendable {
    enum State: Hashable, Sendable {
        /// Nobody has answered yet.
        case open
        case ready([UInt8])
        case refused(QuestionRefusal)
    }

    var state = State.open
    /// When it is forgotten.
    var end: Instant

    var document: [UInt8] { if case .ready(let bytes) = state { bytes } else { [] } }
}

/// The present run of a peer, and which of its questions have come.
struct Asker: Hashable, Sendable {
    let boot: UInt128
    var window = ReplayWindow()
}

extension Correspondence {
    /// Answers a question that was asked here; nothing comes of it when the peer has been given up meanwhile.
    package mutating func answer(_ key: Key, with document: String, at now: Instant) -> [Effect] {
        guard let answer = answers[key], answer.state == .open else { return [] }
        let bytes = Array(document.utf8)
        guard bytes.count <= Letter.documentLimit else { return refuse(key, .tooLong, at: now) }
        answers[key]?.state = .ready(bytes)
        answers[key]?.end = now + Self.retention
        makeRoom(for: key)
        return post(0..<min(Letter.window, Self.pieces(of: bytes)), of: key, at: now)
    }

    mutating func hear(
        _ question: Letter.Question,
        from sender: Sender,
        isMember: Bool,
        at now: Instant
    ) -> [Effect] {
        let key = Key(peer: sender.id, boot: sender.boot, number: question.number)
        guard isMember else { return [.send(.refusal(question.number, .notMember), to: sender.id)] }
        if let answer = answers[key] { return repeatAnswer(answer, to: key, at: now) }
        guard findRoom(for: sender.id) else { return [.send(.refusal(question.number, .busy), to: sender.id)] }
        guard note(key) else { return [.send(.refusal(question.number, .forgotten), to: sender.id)] }
        answers[key] = GivenAnswer(end: now + Self.longestWork)
        return [.asked(Asked(key: key, line: question.line, orderer: question.orderer))]
    }

    /// What is answered goes first, and of that what was asked for longest ago; what is open stays.
    private mutating func findRoom(for peer: NodeID) -> Bool {
        if answers.keys.count(where: { $0.peer == peer }) >= Self.mostAnswersOfOne {
            guard forgetOldest(where: { $0.peer == peer }) else { return false }
        }
        return answers.count < Self.mostAnswers || forgetOldest { _ in true }
    }

    private mutating func forgetOldest(where isMeant: (Key) -> Bool) -> Bool {
        let answered = answers.filter { isMeant($0.key) && $0.value.state != .open }
        guard let oldest = answered.min(by: { $0.value.end.boottime < $1.value.end.boottime }) else { return false }
        answers[oldest.key] = nil
        return true
    }

    /// Whether it comes for the first time.
    private mutating func note(_ key: Key) -> Bool {
        var asker = askers[key.peer].flatMap { $0.boot == key.boot ? $0 : nil } ?? Asker(boot: key.boot)
        defer { askers[key.peer] = asker }
        return asker.window.insert(key.number.number)
    }

    private mutating func repeatAnswer(_ answer: GivenAnswer, to key: Key, at now: Instant) -> [Effect] {
        switch answer.state {
        case .open: return [.send(.receipt(key.number), to: key.peer)]
        case .refused(let refusal): return [.send(.refusal(key.number, refusal), to: key.peer)]
        case .ready(let bytes):
            answers[key]?.end = now + Self.retention
            return post(0..<min(Letter.window, Self.pieces(of: bytes)), of: key, at: now)
        }
    }

    private mutating func refuse(_ key: Key, _ refusal: QuestionRefusal, at now: Instant) -> [Effect] {
        answers[key]?.state = .refused(refusal)
        answers[key]?.end = now + Self.retention
        return [.send(.refusal(key.number, refusal), to: key.peer)]
    }

    mutating func hear(_ want: Letter.Want, from sender: Sender, at now: Instant) -> [Effect] {
        let key = Key(peer: sender.id, boot: sender.boot, number: want.number)
        guard let answer = answers[key] else { return [.send(.refusal(want.number, .forgotten), to: sender.id)] }
        guard case .ready(let bytes) = answer.state else { return [] }
        answers[key]?.end = now + Self.retention
        let count = Self.pieces(of: bytes)
        return post(want.places.filter { $0 < count }, of: key, at: now)
    }

    /// An empty document is one empty piece.
    private static func pieces(of bytes: [UInt8]) -> Int {
        max(1, (bytes.count + Letter.pieceLength - 1) / Letter.pieceLength)
    }

    private func piece(_ place: Int, of key: Key) -> Letter? {
        guard let answer = answers[key], case .ready(let bytes) = answer.state else { return nil }
        let count = Self.pieces(of: bytes)
        let start = place * Letter.pieceLength
        let content = bytes[min(start, bytes.count)..<min(start + Letter.pieceLength, bytes.count)]
        return .piece(Letter.Piece(key.number, place: place, of: count, Array(content)))
    }
}

extension Correspondence {
    /// What does not fit is asked for again.
    private mutating func post(_ places: some Sequence<Int>, of key: Key, at now: Instant) -> [Effect] {
        for place in places where outbox.count < Self.outboxLimit {
            if !outbox.contains(where: { $0 == (key, place) }) { outbox.append((key, place)) }
        }
        return nextSending == nil ? sendRow(at: now) : []
    }

    mutating func sendRow(at now: Instant) -> [Effect] {
        if let nextSending, !Deadline.timer(nextSending).hasPassed(at: now) { return [] }
        let row = outbox.prefix(Self.row)
        outbox.removeFirst(row.count)
        // Also behind the last row: another that is asked for right after it waits its turn.
        nextSending = row.isEmpty ? nil : now + Self.pause
        return row.compactMap { entry in piece(entry.place, of: entry.key).map { .send($0, to: entry.key.peer) } }
    }

    mutating func forget(at now: Instant) {
        answers = answers.filter { !Deadline.timer($0.value.end).hasPassed(at: now) }
    }

    /// The documents that were asked for longest ago go first.
    private mutating func makeRoom(for newest: Key) {
        var kept = answers.values.reduce(0) { $0 + $1.document.count }
        for (key, answer) in answers.sorted(by: { $0.value.end.boottime < $1.value.end.boottime }) where key != newest {
            guard kept > Self.mostKept else { return }
            guard !answer.document.isEmpty else { continue }
            answers[key] = nil
            kept -= answer.document.count
        }
    }
}
