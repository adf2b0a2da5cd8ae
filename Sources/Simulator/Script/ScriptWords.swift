import Raft
import Time

/// How a script writes things down: in the words of etcd's tests where the thing is the same.
extension Message {
    /// The name of its kind.
    var kind: String {
        switch self {
        case .preVote: "MsgPreVote"
        case .preVoteReply: "MsgPreVoteResp"
        case .vote: "MsgVote"
        case .voteReply: "MsgVoteResp"
        case .append: "MsgApp"
        case .appendReply: "MsgAppResp"
        case .timeoutNow: "MsgTimeoutNow"
        case .released: "MsgReleased"
        case .snapshot: "MsgSnap"
        case .hello: "MsgHello"
        }
    }

    static let kinds = [
        "MsgPreVote", "MsgPreVoteResp", "MsgVote", "MsgVoteResp", "MsgApp", "MsgAppResp", "MsgSnap",
        "MsgTimeoutNow", "MsgReleased", "MsgHello",
    ]

    var words: String { "\(kind) \(content)" }

    private var content: String {
        switch self {
        case .preVote(let request), .vote(let request): request.words
        case .preVoteReply(let reply), .voteReply(let reply): reply.words
        case .append(let append): append.words
        case .appendReply(let reply): reply.words
        case .snapshot(let piece): piece.words
        case .timeoutNow(let handover): "Term:\(handover.term) Last:\(handover.lastIndex)"
        case .released(let term): "Term:\(term)"
        case .hello(let hello): hello.words
        }
    }
}

extension VoteRequest {
    fileprivate var words: String {
        "Term:\(term) Log:\(lastTerm)/\(lastIndex)" + (released > Term(0) ? " Released:\(released)" : "")
    }
}

extension VoteReply {
    fileprivate var words: String {
        let verdict = isGranted ? "" : " Rejected" + (promiseLeft > .zero ? " (promised for \(promiseLeft.words))" : "")
        return "Term:\(term)" + (asked == term ? "" : " Asked:\(asked)") + verdict
    }
}

extension Append {
    fileprivate var words: String {
        let news = entries.isEmpty ? "" : " Entries:[\(entries.map(\.words).joined(separator: ", "))]"
        return "Term:\(term) Seq:\(sequence) Log:\(previousTerm)/\(previousIndex) Commit:\(commit)" + news
    }
}

extension AppendReply {
    fileprivate var words: String {
        "Term:\(term) Seq:\(sequence) "
            + (isAccepted ? "Index:\(index)" : "Rejected (Hint: \(index))") + " Promise:\(promise.words)"
    }
}

extension Hello {
    fileprivate var words: String {
        (cluster == nil ? "in no cluster" : "in a cluster")
            + (wantsReply ? ", wants an answer" : "")
    }
}

extension LogEntry {
    var words: String { "\(term)/\(index) \(payload.words)" }
}

extension LogPayload {
    fileprivate var words: String {
        switch self {
        case .leadership: "EntryNormal \"\""
        case .data(let bytes): "EntryNormal \"\(String(decoding: bytes, as: UTF8.self))\""
        case .membership(let membership): "EntryConfChange \(membership.words)"
        case .appointment(let id, let appointment): "EntryAppointment \(id) \(appointment.words)"
        case .timing(let timing): "EntryTiming \(timing.words)"
        }
    }
}

extension Membership {
    var words: String {
        let groups = [("voters", voters), ("entrants", entrants), ("learners", learners)]
        return groups.filter { $0.0 == "voters" || !$0.1.isEmpty }.map { "\($0)=\($1.words)" }.joined(separator: " ")
    }
}

extension [Member] {
    /// `?` behind a node that is invited and has not shown a disk yet.
    fileprivate var words: String {
        "(\(map { $0.id.text + ($0.storage == .none ? "?" : "") }.joined(separator: " ")))"
    }
}

extension ClusterTiming {
    var words: String { "heartbeat=\(heartbeat.words) promise=\(promise.words)" }
}

extension Snapshot {
    var words: String {
        "\(term)/\(index) Snapshot \(state.membership.words)" + (state.timing.map { " \($0.words)" } ?? "")
    }
}

extension SnapshotPiece {
    fileprivate var words: String {
        "Term:\(term) Seq:\(sequence) Log:\(indexTerm)/\(index) Piece:\(place + 1)/\(count)"
    }
}

extension HardState {
    var words: String {
        "Term:\(term)" + (vote.map { " Vote:\($0)" } ?? "")
            + (longestPromise > .zero ? " Promise:\(longestPromise.words)" : "")
    }
}

extension Persistence {
    var words: String {
        if isTrial { return "nothing, to try the disk" }
        let parts = [
            hardState.map { "HardState \($0.words)" },
            snapshot.map(\.words),
            keep.map { "Entries after \($0):[\(entries.map(\.words).joined(separator: ", "))]" },
        ]
        return parts.compactMap(\.self).joined(separator: ", ")
    }
}

extension RaftNode {
    /// The state's name and the leader, 0 for none.
    var stateWords: (state: String, leader: String) {
        switch role {
        case .waiting: ("StateWaiting", "0")
        case .follower(_, let leader): ("StateFollower", leader?.text ?? "0")
        case .candidate: (isPreCandidate ? "StatePreCandidate" : "StateCandidate", "0")
        case .leader: ("StateLeader", id.text)
        }
    }
}

extension Duration {
    /// In milliseconds, with as many digits behind the point as it takes, three at most.
    var words: String {
        let micros = nanoseconds / 1000
        guard micros % 1000 != 0 else { return "\(micros / 1000)ms" }
        var digits = String((1000 + micros.magnitude % 1000)).dropFirst()
        while digits.last == "0" { digits.removeLast() }
        return "\(micros < 0 ? "-" : "")\(micros.magnitude / 1000).\(digits)ms"
    }

    /// `50ms`, `1.5s`, `200us`; nil for anything else.
    static func script(_ text: String) -> Duration? {
        let number = text.prefix { $0.isNumber || $0 == "." }
        let units: [Substring: Double] = ["us": 1e3, "ms": 1e6, "s": 1e9]
        guard let unit = units[text[number.endIndex...]], let value = Double(number), value * unit < 1e15 else {
            return nil
        }
        return .nanoseconds(Int64(value * unit))
    }
}

extension Appointment {
    fileprivate var words: String {
        (priority.map { "priority=\($0)" } ?? "as configured") + (isWitness ? " witness" : "")
    }
}
