import Control
import Elections
import Raft

/// What a client may ask of the whole cluster, at any node.
enum ClusterQuestion: String {
    case status = "status all"
    case history = "history all"

    /// What each node is asked, this one included.
    var line: String {
        switch self {
        case .status: StatusReport.request
        case .history: HistoryDocument.request
        }
    }

    /// How long a node may take that does not answer, or whose answer comes in hundreds of pieces.
    var patience: Duration {
        switch self {
        case .status: .milliseconds(500)
        case .history: .seconds(2)
        }
    }
}

extension Agent {
    /// Answers with a line for each node, this one's first: its document, or why there is none.
    ///
    /// Anybody on the machine may ask, as often as he likes: the nodes are asked once, for all who wait.
    func askCluster(_ question: ClusterQuestion, _ reply: ControlReply) {
        let isUnderway = clusterQuestions[question] != nil
        clusterQuestions[question, default: []].append(reply)
        if isUnderway { return }
        askAll(question.line, within: question.patience) { [unowned self] answers in
            finish(question, answers)
        }
    }

    private func finish(_ question: ClusterQuestion, _ answers: PeerAnswers) {
        let waiting = clusterQuestions.removeValue(forKey: question) ?? []
        let others = answers.sorted { $0.key < $1.key }.map { Self.line($0.key, $0.value) }
        guard let own = document(answering: question.line) else { return }
        let text = ([own] + others).joined(separator: "\n")
        for reply in waiting { reply.send(text) }
    }

    /// What a peer says is one line, or it is not passed on.
    private static func line(_ peer: NodeID, _ answer: Result<String, QuestionFailure>) -> String {
        switch answer {
        case .success(let document) where !document.utf8.contains(UInt8(ascii: "\n")): document
        case .success: HistoryDocument.failure(of: peer.text, QuestionFailure.illegible.text(about: peer))
        case .failure(let failure): HistoryDocument.failure(of: peer.text, failure.text(about: peer))
        }
    }
}
