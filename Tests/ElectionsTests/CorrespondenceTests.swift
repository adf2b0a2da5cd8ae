import Raft
import Samples
import Testing
import Time

@testable import Elections

private let a = node("a")
private let b = node("b")

/// Two nodes with a network between them that loses, doubles and delays as it is told to.
private final class Post {
    struct Sent {
        let letter: Letter
        let receiver: NodeID
        let sender: Sender
    }

    var nodes = [a: Correspondence(), b: Correspondence()]
    var boots: [NodeID: UInt128] = [a: 1, b: 2]
    var now = Instant(boottime: 1_000_000_000, raw: 1_000_000_000)
    var underWay: [Sent] = []
    var delivered: [Letter] = []
    var outcomes: [QuestionNumber: Correspondence.Outcome] = [:]
    var asked: [Correspondence.Asked] = []
    /// What `b` answers at once; nil: nothing yet.
    var answer: ((String) -> String)?
    var isMember = true
    var losesNext: (Letter) -> Bool = { _ in false }

    func ask(_ line: String, orderer: String? = nil, within time: Duration = .seconds(1)) -> QuestionNumber? {
        guard let (number, effects) = nodes[a]?.ask(b, line, orderer: orderer, within: time, at: now) else {
            return nil
        }
        perform(effects, of: a)
        return number
    }

    func answer(_ asked: Correspondence.Asked, _ document: String) {
        perform(nodes[b]?.answer(asked.key, with: document, at: now) ?? [], of: b)
    }

    private func perform(_ effects: [Correspondence.Effect], of node: NodeID) {
        for effect in effects {
            switch effect {
            case .send(let letter, let receiver):
                let sender = Sender(id: node, storage: StorageID(1), boot: boots[node] ?? 0)
                if !losesNext(letter) { underWay.append(Sent(letter: letter, receiver: receiver, sender: sender)) }
            case .answered(let number, let outcome):
                #expect(outcomes[number] == nil)
                outcomes[number] = outcome
            case .asked(let question):
                asked.append(question)
                if let answer { self.answer(question, answer(question.line)) }
            }
        }
    }

    func deliver(_ sent: Sent) {
        delivered.append(sent.letter)
        let effects = nodes[sent.receiver]?.receive(sent.letter, from: sent.sender, isMember: isMember, at: now)
        perform(effects ?? [], of: sent.receiver)
    }

    /// Everything arrives at once, and time passes by milliseconds.
    func run(milliseconds: Int) {
        for _ in 0..<milliseconds {
            let arriving = underWay
            underWay = []
            arriving.forEach(deliver)
            now = now + .milliseconds(1)
            for node in [a, b] {
                guard let next = nodes[node]?.nextDeadline, Deadline.timer(next).hasPassed(at: now) else { continue }
                perform(nodes[node]?.passTime(at: now) ?? [], of: node)
            }
        }
    }

    var pieces: Int { delivered.count { if case .piece = $0 { true } else { false } } }
}

private func document(_ count: Int) -> String {
    String(decoding: (0..<count).map { UInt8(ascii: "a") + UInt8($0 % 23) }, as: UTF8.self)
}

@Suite struct `A question to a peer` {
    @Test(arguments: [0, 1, 1024, 1025, 16 * 1024, 40_000, Letter.documentLimit])
    func `is answered by a document of any length`(count: Int) throws {
        let post = Post()
        post.answer = { _ in document(count) }
        let number = try #require(post.ask("status"))
        post.run(milliseconds: 400)
        #expect(post.outcomes == [number: .document(document(count))])
        #expect(post.pieces == max(1, (count + 1023) / 1024))
        #expect(post.asked.map(\.line) == ["status"])
    }

    @Test(arguments: 1...20) func `is answered though a third of what is said is lost`(seed: UInt64) throws {
        let post = Post()
        post.answer = { _ in document(60_000) }
        var dice = SeededRandom(seed: seed)
        post.losesNext = { _ in dice.next() % 3 == 0 }
        let number = try #require(post.ask("status", within: .seconds(10)))
        post.run(milliseconds: 10_000)
        #expect(post.outcomes == [number: .document(document(60_000))])
        #expect(post.asked.count == 1)
    }

    @Test func `fails when nobody hears it`() throws {
        let post = Post()
        post.losesNext = { _ in true }
        let number = try #require(post.ask("status"))
        post.run(milliseconds: 999)
        #expect(post.outcomes.isEmpty)
        post.run(milliseconds: 2)
        #expect(post.outcomes == [number: .failed(.silent)])
        #expect(post.nodes[a]?.nextDeadline == nil)
    }

    @Test func `says whether the peer has it when no answer comes`() throws {
        let post = Post()
        let number = try #require(post.ask("transfer", orderer: "user 0"))
        post.run(milliseconds: 1010)
        #expect(post.outcomes == [number: .failed(.unfinished)])
        #expect(post.asked.map(\.orderer) == ["user 0"])
    }

    @Test func `is answered when the peer has had to ask others`() throws {
        let post = Post()
        let number = try #require(post.ask("transfer", orderer: "user 0", within: .seconds(10)))
        post.run(milliseconds: 4000)
        // A question, its repetition, and one each 300 ms.
        #expect(post.delivered.count < 40)
        post.answer(try #require(post.asked.first), "done")
        post.run(milliseconds: 5)
        #expect(post.outcomes == [number: .document("done")])
    }

    @Test func `of who is no member is refused`() throws {
        let post = Post()
        post.isMember = false
        let number = try #require(post.ask("status"))
        post.run(milliseconds: 5)
        #expect(post.outcomes == [number: .failed(.refused(.notMember))])
        #expect(post.asked.isEmpty)
    }

    @Test func `whose answer is too long is refused`() throws {
        let post = Post()
        post.answer = { _ in document(Letter.documentLimit + 1) }
        let number = try #require(post.ask("status"))
        post.run(milliseconds: 5)
        #expect(post.outcomes == [number: .failed(.refused(.tooLong))])
    }

    @Test func `is heard at once by a peer that has just learnt of this run`() throws {
        let post = Post()
        post.answer = { _ in "yes" }
        post.losesNext = { _ in true }
        let number = try #require(post.ask("status"))
        post.losesNext = { _ in false }
        for effect in post.nodes[a]?.introduce(b, at: post.now) ?? [] {
            guard case .send(let letter, let receiver) = effect else { continue }
            post.deliver(
                .init(letter: letter, receiver: receiver, sender: Sender(id: a, storage: StorageID(1), boot: 1))
            )
        }
        post.run(milliseconds: 2)
        #expect(post.outcomes == [number: .document("yes")])
    }

    @Test func `is not asked when it is no line, or too many are`() {
        let post = Post()
        #expect(post.ask("two\nlines") == nil)
        #expect(post.ask(String(repeating: "x", count: Letter.lineLimit + 1)) == nil)
        for _ in 0..<Correspondence.mostQuestions { #expect(post.ask("status") != nil) }
        #expect(post.ask("status") == nil)
    }
}

@Suite struct `An order at a peer` {
    @Test func `is carried out once, however often it arrives`() throws {
        let post = Post()
        post.answer = { _ in "done" }
        _ = try #require(post.ask("transfer", orderer: "user 0"))
        let sent = try #require(post.underWay.first)
        for _ in 0..<5 { post.deliver(sent) }
        // Also when the answer is long forgotten.
        post.run(milliseconds: 5000)
        post.deliver(sent)
        #expect(post.asked.count == 1)
        #expect(post.underWay.last?.letter == .refusal(QuestionNumber(1), .forgotten))
    }

    @Test func `leaves it open what became of it when the peer was restarted`() throws {
        let post = Post()
        let number = try #require(post.ask("transfer", orderer: "user 0", within: .seconds(5)))
        post.run(milliseconds: 100)
        let sender = Sender(id: b, storage: StorageID(1), boot: 9)
        post.deliver(.init(letter: .refusal(number, .forgotten), receiver: a, sender: sender))
        #expect(post.outcomes == [number: .failed(.unfinished)])
    }
}

@Suite struct `A correspondence` {
    @Test func `mixes no pieces of two runs`() throws {
        let post = Post()
        let number = try #require(post.ask("status"))
        let piece = { (place: Int, letter: String) in
            Letter.piece(
                Letter.Piece(
                    number,
                    place: place,
                    of: 2,
                    place == 0 ? Array(repeating: 97, count: 1024) : Array(letter.utf8)
                )
            )
        }
        for (boot, letter) in [(2, piece(0, "")), (3, piece(1, "x"))] as [(UInt128, Letter)] {
            post.deliver(.init(letter: letter, receiver: a, sender: Sender(id: b, storage: StorageID(1), boot: boot)))
        }
        #expect(post.outcomes.isEmpty)
    }

    @Test func `hears pieces of nobody but whom it asked`() throws {
        let post = Post()
        let number = try #require(post.ask("status"))
        let letter = Letter.piece(Letter.Piece(number, place: 0, of: 1, [120]))
        post.deliver(.init(letter: letter, receiver: a, sender: Sender(id: node("c"), storage: StorageID(1), boot: 3)))
        #expect(post.outcomes.isEmpty)
    }

    @Test func `answers so many questions of one peer, and so many in all`() throws {
        let post = Post()
        let peers = (0..<9).map { node("p\($0)") }
        for peer in peers {
            for number in 1...UInt64(Correspondence.mostAnswersOfOne + 4) {
                let letter = Letter.question(Letter.Question(QuestionNumber(number), "status"))
                post.deliver(
                    .init(letter: letter, receiver: b, sender: Sender(id: peer, storage: StorageID(1), boot: 3))
                )
            }
        }
        #expect(post.asked.count == Correspondence.mostAnswers)
        #expect(post.asked.count { $0.key.peer == peers[0] } == Correspondence.mostAnswersOfOne)
        post.run(milliseconds: 31_000)
        #expect(post.nodes[b]?.answers.isEmpty == true)
    }

    @Test func `answers one quick question after the other without end`() throws {
        let post = Post()
        post.answer = { _ in "yes" }
        for _ in 0..<100 {
            let number = try #require(post.ask("status"))
            post.run(milliseconds: 4)
            #expect(post.outcomes[number] == .document("yes"))
        }
    }

    @Test func `sends so many pieces in a row, and keeps so many waiting`() throws {
        let post = Post()
        post.answer = { _ in document(Letter.documentLimit) }
        for _ in 0..<8 { _ = post.ask("status", within: .seconds(5)) }
        var most = 0
        for _ in 0..<2000 {
            post.run(milliseconds: 1)
            let pieces = post.underWay.count { if case .piece = $0.letter { true } else { false } }
            most = max(most, pieces)
            #expect((post.nodes[b]?.outbox.count ?? 0) <= Correspondence.outboxLimit)
        }
        #expect(most <= Correspondence.row)
        #expect(post.outcomes.values.allSatisfy { $0 == .document(document(Letter.documentLimit)) })
        #expect(post.outcomes.count == 8)
    }

    @Test func `keeps so much of what it has answered`() throws {
        let post = Post()
        post.answer = { _ in document(Letter.documentLimit) }
        for peer in (0..<5).map({ node("p\($0)") }) {
            for number in 1...UInt64(Correspondence.mostAnswersOfOne) where post.asked.count < 30 {
                let letter = Letter.question(Letter.Question(QuestionNumber(number), "status"))
                post.deliver(
                    .init(letter: letter, receiver: b, sender: Sender(id: peer, storage: StorageID(1), boot: 3))
                )
            }
        }
        let kept = post.nodes[b]?.answers.values.reduce(0) { $0 + $1.document.count } ?? 0
        #expect(kept > 0 && kept <= Correspondence.mostKept)
    }

    @Test(arguments: 1...10) func `survives any letters at any time`(seed: UInt64) {
        var samples = Samples(seed: seed)
        let post = Post()
        post.answer = { _ in samples.flag() ? "short" : document(30_000) }
        for _ in 0..<3000 {
            let sender = Sender(id: samples.flag() ? a : b, storage: StorageID(1), boot: UInt128(samples.number(1...3)))
            if let letter = try? Letter(decoding: samples.letterBytes()) {
                post.deliver(.init(letter: letter, receiver: sender.id == a ? b : a, sender: sender))
            }
            if samples.number(0...20) == 0 { _ = post.ask("status") }
            post.run(milliseconds: samples.number(0...3))
        }
        post.run(milliseconds: 32_000)
        #expect(post.nodes.values.allSatisfy { $0.questions.isEmpty && $0.answers.isEmpty && $0.outbox.isEmpty })
    }
}

extension Samples {
    /// Nearly a letter.
    fileprivate mutating func letterBytes() -> [UInt8] {
        let head = [UInt8(number(0...6)), 0, 0, 0, 0, 0, 0, 0, UInt8(number(0...12))]
        return switch number(0...3) {
        case 0: head + [0, UInt8(number(0...40)), 0, UInt8(number(0...40))] + bytes([0, 5, 1024][number(0...2)])
        case 1: head + [UInt8(number(0...1)), UInt8(number(0...255))] + bytes(2)
        case 2: head + [0, 3, 97, 98, 99, 0]
        default: head + bytes(number(0...20))
        }
    }
}
