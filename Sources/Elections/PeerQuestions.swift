internal import Linux
package import Raft
internal import Time

/// A peer's question, to be answered once, now or later.
package struct PeerQuestion {
    /// The peer that asks.
    package let peer: NodeID
    package let line: String
    /// Who orders it there, as that peer says; nil for a question that must change nothing.
    package let orderer: String?
    private let answer: (String) -> Void

    init(_ asked: Correspondence.Asked, answer: @escaping (String) -> Void) {
        peer = asked.key.peer
        line = asked.line
        orderer = asked.orderer
        self.answer = answer
    }

    /// Nothing comes of a second answer, nor of one that comes too late.
    package func answer(_ document: String) { answer(document) }
}

/// The questions between members, with a timer, on behalf of a `RaftElection`.
final class PeerQuestions {
    private var correspondence = Correspondence()
    private var completions: [QuestionNumber: (Result<String, QuestionFailure>) -> Void] = [:]
    private var timer: (id: EventLoop.TimerID, at: Instant)?
    private let loop: EventLoop
    private let send: (Letter, NodeID) -> Void
    /// Who answers peers; set before the election starts.
    var listener: ((PeerQuestion) -> Void)?

    init(on loop: EventLoop, send: @escaping (Letter, NodeID) -> Void) {
        self.loop = loop
        self.send = send
    }

    func ask(
        _ peer: NodeID,
        _ line: String,
        orderer: String?,
        within time: Duration,
        then completion: @escaping (Result<String, QuestionFailure>) -> Void
    ) {
        guard
            let (number, effects) = correspondence.ask(peer, line, orderer: orderer, within: time, at: Clock.now())
        else { return fail(.unasked, completion) }
        completions[number] = completion
        perform(effects)
    }

    /// From the loop, so that nobody is answered while still asking.
    func fail(_ failure: QuestionFailure, _ completion: @escaping (Result<String, QuestionFailure>) -> Void) {
        loop.schedule(after: .zero) { completion(.failure(failure)) }
    }

    func receive(_ letter: Letter, from sender: Sender, isMember: Bool) {
        perform(correspondence.receive(letter, from: sender, isMember: isMember, at: Clock.now()))
    }

    func introduce(_ peer: NodeID) {
        perform(correspondence.introduce(peer, at: Clock.now()))
    }

    func stop() {
        if let timer { loop.cancel(timer.id) }
        timer = nil
    }

    private func perform(_ effects: [Correspondence.Effect]) {
        for effect in effects {
            switch effect {
            case .send(let letter, let peer): send(letter, peer)
            case .answered(let number, .document(let text)): complete(number, .success(text))
            case .answered(let number, .failed(let failure)): complete(number, .failure(failure))
            case .asked(let asked): hear(asked)
            }
        }
        armTimer()
    }

    private func complete(_ number: QuestionNumber, _ result: Result<String, QuestionFailure>) {
        completions.removeValue(forKey: number)?(result)
    }

    private func hear(_ asked: Correspondence.Asked) {
        let question = PeerQuestion(asked) { [weak self] document in
            guard let self else { return }
            perform(correspondence.answer(asked.key, with: document, at: Clock.now()))
        }
        listener?(question)
    }

    private func armTimer() {
        let next = correspondence.nextDeadline
        if timer?.at == next { return }
        stop()
        guard let next else { return }
        let id = loop.schedule(.timer(next)) { [weak self] in
            guard let self else { return }
            timer = nil
            perform(correspondence.passTime(at: Clock.now()))
        }
        timer = (id, next)
    }
}
