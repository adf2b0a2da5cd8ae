import Raft
import Time

/// The story of a run, a line for each thing that happened; written only when somebody wants to read it.
package struct Trace: Sendable {
    let isOn: Bool
    package private(set) var lines: [String] = []

    init(isOn: Bool) { self.isOn = isOn }

    mutating func note(_ moment: Nanoseconds, _ line: @autoclosure () -> String) {
        if isOn { lines.append("\(Trace.seconds(moment)) \(line())") }
    }

    /// Seconds with six digits behind the point.
    static func seconds(_ moment: Nanoseconds) -> String {
        let micros = String(moment / 1000 % 1_000_000)
        return "\(moment / 1_000_000_000)." + String(repeating: "0", count: 6 - micros.utf8.count) + micros
    }

    /// Seconds with three digits behind the point.
    static func brief(_ span: Nanoseconds) -> String { String(seconds(span).dropLast(3)) }
}

extension Message {
    /// Short, for a trace.
    package var summary: String {
        switch self {
        case .preVote(let request): "preVote \(request.summary)"
        case .preVoteReply(let reply): "preVoteReply \(reply.summary)"
        case .vote(let request): "vote \(request.summary)"
        case .voteReply(let reply): "voteReply \(reply.summary)"
        case .append(let append):
            "append t\(append.term) #\(append.sequence) after \(append.previousIndex)/t\(append.previousTerm) "
                + "+\(append.entries.count) commit \(append.commit)"
        case .appendReply(let reply):
            "appendReply t\(reply.term) #\(reply.sequence) \(reply.isAccepted ? "accepted" : "refused") "
                + "\(reply.index) promise \(reply.promise.milliseconds)"
        case .snapshot(let piece):
            "snapshot t\(piece.term) #\(piece.sequence) of \(piece.index)/t\(piece.indexTerm) "
                + "piece \(piece.place + 1)/\(piece.count)"
        case .timeoutNow(let handover): "timeoutNow t\(handover.term) last \(handover.lastIndex)"
        case .released(let term): "released t\(term)"
        case .hello(let hello):
            "hello \(hello.nodes.count) nodes\(hello.cluster == nil ? "" : " in a cluster")"
                + (hello.wantsReply ? " ?" : "")
        }
    }
}

extension VoteRequest {
    fileprivate var summary: String { "t\(term) log \(lastIndex)/t\(lastTerm) released t\(released)" }
}

extension VoteReply {
    fileprivate var summary: String {
        "t\(term) asked t\(asked) \(isGranted ? "granted" : "refused, promise left \(promiseLeft.milliseconds)")"
    }
}
