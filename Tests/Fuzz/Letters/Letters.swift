import Fuzzing
import Raft
import Time

@testable import Elections

/// What two peers with the key say to a node beside the election, in any order and at any time.
///
/// An input is a row of steps: a letter of any bytes arrives from one of the peers' runs, the node asks, one of the open
/// questions is answered, time passes. Nothing grows beyond its bound, nothing is asked here twice, whatever leaves is
/// understood, and when enough time has passed nothing is left.
private struct Office {
    private var correspondence = Correspondence()
    private var now = Instant(boottime: 1_000_000_000, raw: 1_000_000_000)
    private var open: [Correspondence.Asked] = []
    private var seen: Set<Correspondence.Key> = []
    private var waiting: Set<QuestionNumber> = []

    private static let peers = ["a", "b"].map { name in
        guard let id = NodeID(name) else { fatalError("\(name) is no name") }
        return id
    }

    mutating func happen(_ input: inout FuzzInput) {
        let step = input.byte()
        let peer = Self.peers[Int(step & 1)]
        switch step >> 1 & 7 {
        case 0: ask(peer, &input)
        case 1: answer(&input)
        case 2: pass(.milliseconds(Int(input.byte())))
        default: hear(input.frame(), from: Sender(id: peer, storage: StorageID(1), boot: UInt128(step >> 4)), step)
        }
        check()
    }

    private mutating func ask(_ peer: NodeID, _ input: inout FuzzInput) {
        let line = String(decoding: input.frame(), as: UTF8.self)
        let asked = correspondence.ask(peer, line, orderer: nil, within: .seconds(1), at: now)
        guard let (number, effects) = asked else { return }
        require(waiting.insert(number).inserted, "the number \(number) is given twice")
        perform(effects)
    }

    private mutating func answer(_ input: inout FuzzInput) {
        guard !open.isEmpty else { return }
        let asked = open.remove(at: input.number() % open.count)
        let document = String(repeating: "x", count: input.number() * 5)
        perform(correspondence.answer(asked.key, with: document, at: now))
    }

    private mutating func pass(_ time: Duration) {
        now = now + time
        perform(correspondence.passTime(at: now))
    }

    private mutating func hear(_ bytes: [UInt8], from sender: Sender, _ step: UInt8) {
        guard let letter = try? Letter(decoding: bytes) else { return }
        require(letter.encoded == bytes, "said again it is no more \(letter)")
        perform(correspondence.receive(letter, from: sender, isMember: step & 0x80 == 0, at: now))
    }

    private mutating func perform(_ effects: [Correspondence.Effect]) {
        for effect in effects {
            switch effect {
            case .send(let letter, _):
                require(letter.encoded.count <= SealedTransport.messageLimit, "\(letter.encoded.count) bytes")
                require((try? Letter(decoding: letter.encoded)) == letter, "not understood: \(letter)")
            case .answered(let number, _): require(waiting.remove(number) != nil, "\(number) is answered twice")
            case .asked(let asked):
                require(seen.insert(asked.key).inserted, "asked twice: \(asked)")
                open.append(asked)
            }
        }
    }

    private func check() {
        require(correspondence.questions.count <= Correspondence.mostQuestions, "too many questions")
        require(correspondence.answers.count <= Correspondence.mostAnswers, "too many answers")
        require(correspondence.outbox.count <= Correspondence.outboxLimit, "too many letters")
        let kept = correspondence.answers.values.reduce(0) { $0 + $1.document.count }
        require(kept <= Correspondence.mostKept, "\(kept) bytes are kept")
    }

    mutating func end() {
        for _ in 0..<40 { pass(.seconds(1)) }
        require(correspondence.questions.isEmpty && waiting.isEmpty, "questions without an answer")
        require(correspondence.answers.isEmpty && correspondence.outbox.isEmpty, "something is left")
        require(correspondence.nextDeadline == nil, "a deadline for nothing")
    }
}

@c(LLVMFuzzerTestOneInput) public func test(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
    var input = unsafe FuzzInput(start, min(count, 4000))
    var office = Office()
    while !input.isAtEnd { office.happen(&input) }
    office.end()
    return 0
}
