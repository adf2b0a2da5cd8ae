import Configuration
import Control
import Elections
import Linux
import Raft
import Time

/// What may be asked of this node without changing anything: by a client of status.sock, or by another member.
extension Agent {
    func serveStatus() throws(StartFailure) {
        do throws(ControlError) {
            statusServer = try .questions(at: configuration.control.statusSocket, on: loop) {
                [unowned self] line, reply in answer(line, reply)
            }
        } catch {
            throw StartFailure(error.description)
        }
    }

    /// A client's question. One that needs the other nodes is answered when they have answered, or have not in time.
    private func answer(_ line: String, _ reply: ControlReply) {
        if let question = ClusterQuestion(rawValue: line) { return askCluster(question, reply) }
        if line == MembersReport.request { return answerMembers(reply) }
        reply.send(document(answering: line) ?? Self.unknownQuestion)
    }

    /// What this node knows by itself: a document; nil where the line is no question. Also what a member is told, so that
    /// whoever is asked never asks on.
    func document(answering line: String) -> String? {
        switch line {
        case StatusReport.request: report().json
        case HistoryDocument.request: historyDocument()
        case MembersReport.localRequest: localMembers.json
        case MemberWord.request: memberWord.json
        default: nil
        }
    }

    private static let unknownQuestion = #"{"error":"unknown request; expected status, history or members"}"#

    /// A member's question, or an order that somebody gave at that member.
    func hear(_ question: PeerQuestion) {
        guard let orderer = question.orderer else {
            return question.answer(document(answering: question.line) ?? Self.unknownQuestion)
        }
        guard let request = ControlRequest(line: question.line) else {
            let refusal = ControlAnswer.refused(
                "\(configuration.node.id) does not know this order; is it of an older version?"
            )
            return question.answer(refusal.json)
        }
        obey(request, of: .atPeer(question.peer, orderer)) { question.answer($0.json) }
    }
}

// MARK: - Asking the others

extension Agent {
    /// What each of the other members says to a line, by its name.
    typealias PeerAnswers = [NodeID: Result<String, QuestionFailure>]

    /// Asks all other members at once; called back once, when the last has answered or had its time.
    func askAll(
        _ line: String,
        within time: Duration = .seconds(1),
        then completion: @escaping (PeerAnswers) -> Void
    ) {
        guard let election else { return completion([:]) }
        // Whoever was only invited has no disk yet, and nothing to say.
        let members = election.status.membership.members.filter { $0.storage != .none }
        let peers = members.map(\.id).filter { $0 != election.id }
        guard !peers.isEmpty else { return completion([:]) }
        var answers: PeerAnswers = [:]
        for peer in peers {
            election.ask(peer, line, within: time) { answer in
                answers[peer] = answer
                if answers.count == peers.count { completion(answers) }
            }
        }
    }
}

extension Result where Success == String, Failure == QuestionFailure {
    /// What a node has answered, as a reader of such documents takes it; nil where it has not, or said something else.
    func document<Document>(_ read: (String) -> Document?) -> Document? { (try? get()).flatMap(read) }
}

extension QuestionFailure {
    /// For people, about that node.
    func text(about node: NodeID) -> String {
        switch self {
        case .unknownPeer: "\(node) is no member of the cluster"
        case .unasked: "\(node) was not asked: too much is being asked already"
        case .silent: "\(node) does not answer: it is down, cut off, or of a version that cannot be asked"
        case .unfinished: "\(node) has the question and did not answer in time"
        case .refused(.notMember): "\(node) knows this node as no member of the cluster"
        case .refused(.busy): "\(node) answers as many questions as it can already; try again"
        case .refused(.tooLong): "the answer of \(node) is too long to be sent"
        case .refused(.forgotten): "\(node) was asked before, and its answer is lost; ask again"
        case .illegible: "what \(node) answers is no text"
        }
    }
}
