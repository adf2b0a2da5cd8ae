package import Raft
package import Time

/// What this node asks other members, and what they ask it: a value that letters and time go into, and letters and
/// answers come out of.
///
/// It never disturbs the election: so many letters leave at a time, and whatever is kept has a bound, in number and time.
/// A question is asked again until something of its answer comes or its time is over; it is answered once, however often
/// it arrives, and never again when it was forgotten, so that an order is not carried out twice.
package struct Correspondence: Sendable {
    package enum Effect: Hashable, Sendable {
        case send(Letter, to: NodeID)
        /// What came of an own question.
        case answered(QuestionNumber, Outcome)
        /// To be answered by `answer(_:with:at:)`.
        case asked(Asked)
    }

    package enum Outcome: Hashable, Sendable {
        case document(String)
        case failed(QuestionFailure)
    }

    /// A peer's question.
    package struct Asked: Hashable, Sendable {
        package let key: Key
        package let line: String
        /// Who orders it at the peer; nil for a question that changes nothing.
        package let orderer: String?
    }

    /// A question of one run of a peer.
    package struct Key: Hashable, Sendable {
        package let peer: NodeID
        let boot: UInt128
        let number: QuestionNumber
    }

    var lastNumber: UInt64 = 0
    /// Own questions without an answer.
    var questions: [QuestionNumber: OwnQuestion] = [:]
    /// Peers' questions, and what they were answered.
    var answers: [Key: GivenAnswer] = [:]
    /// Which questions each peer's run has asked already.
    var askers: [NodeID: Asker] = [:]
    /// Pieces that are to leave, the first first.
    var outbox: [(key: Key, place: Int)] = []
    var nextSending: Instant?

    package init() {}

    /// Own questions at a time.
    package static let mostQuestions = 64
    /// When a question or a missing piece is asked for again.
    static let patience: Duration = .milliseconds(60)
    /// The same while the peer is known to be at it.
    static let longPatience: Duration = .milliseconds(300)
    /// Peers' questions at a time: of all, and of one.
    static let mostAnswers = 32
    static let mostAnswersOfOne = 8
    /// Of all documents that are kept, in bytes.
    static let mostKept = 4 << 20
    /// For how long a document is kept after it was asked for last, and a question that nobody answers.
    static let retention: Duration = .seconds(2)
    static let longestWork: Duration = .seconds(30)
    /// Pieces that leave in a row, and the pause between rows: some 4 MB a second.
    static let row = 8
    static let pause: Duration = .milliseconds(2)
    static let outboxLimit = 64
}

/// Why a question has no answer.
package enum QuestionFailure: Error, Hashable, Sendable {
    /// There is no member of that name.
    case unknownPeer
    /// The line is too long, or too many questions are under way.
    case unasked
    /// Nothing came back: the peer is down, cut off, or of a version that does not know questions.
    case silent
    /// The peer has the question, and did not answer in time: an order may still be carried out.
    case unfinished
    case refused(QuestionRefusal)
    /// What came back is no text.
    case illegible
}

extension Correspondence {
    package mutating func receive(
        _ letter: Letter,
        from sender: Sender,
        isMember: Bool,
        at now: Instant
    ) -> [Effect] {
        switch letter {
        case .question(let question): hear(question, from: sender, isMember: isMember, at: now)
        case .want(let want): isMember ? hear(want, from: sender, at: now) : []
        case .receipt(let number): noteReceipt(number, from: sender, at: now)
        case .piece(let piece): take(piece, from: sender, at: now)
        case .refusal(let number, let refusal): noteRefusal(number, refusal, from: sender)
        }
    }

    package mutating func passTime(at now: Instant) -> [Effect] {
        forget(at: now)
        return sendRow(at: now) + repeatQuestions(at: now)
    }

    package var nextDeadline: Instant? {
        let times = questions.values.map { min($0.next, $0.end) } + answers.values.map(\.end)
        return (times + [nextSending].compactMap(\.self)).min()
    }
}

private func min(_ a: Instant, _ b: Instant) -> Instant { b.boottime < a.boottime ? b : a }

extension [Instant] {
    fileprivate func min() -> Instant? { self.min { $0.boottime < $1.boottime } }
}
