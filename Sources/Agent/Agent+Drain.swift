import Configuration
import Control
import Elections
import Linux
import Observability
import Raft
import Time

/// Maintenance: a drained node stays a voter and gives its groups to another; it has them again only where no other node
/// can, as `when_none_eligible` says. Remembered in data_dir, so that a restart changes nothing.
struct Maintenance {
    /// Since when, in RFC 3339; nil where the node is not drained.
    var since: String?
    var writer: MarkWriter?
}

extension Agent {
    /// Of this node or, with a name, of another one.
    func drain(
        _ name: String?,
        isWanted: Bool,
        _ request: ControlRequest,
        of orderer: Orderer,
        then completion: @escaping Completion
    ) {
        let own = configuration.node.id
        guard let name, name != own else { return drainHere(isWanted, then: completion) }
        guard let member = member(named: name) else { return completion(.refused(unknown(member: name))) }
        forward(request, to: member.id, of: orderer, then: completion)
    }

    private func drainHere(_ isWanted: Bool, then completion: @escaping Completion) {
        let own = configuration.node.id
        // Said once more: it waits again for what it did not see the end of.
        if isWanted, maintenance.since != nil, preparation != nil { return giveUp(then: inTime(completion)) }
        if isWanted == (maintenance.since != nil) {
            return completion(
                .done([maintenance.since.map { "\(own) is drained already, since \($0)" } ?? "\(own) is not drained"])
            )
        }
        guard maintenance.writer == nil else {
            return completion(.refused("\(own) is being drained or undrained; ask again"))
        }
        let since = isWanted ? Timestamp(nanoseconds: Clock.wallTime()).text : nil
        remember(since, patience: Self.diskPatience) { [unowned self] failure in
            if let failure {
                return completion(
                    .refused(
                        "cannot remember it in \(configuration.node.dataDirectory): \(failure); nothing was changed"
                    )
                )
            }
            guard !isWanted else { return giveUp(then: inTime(completion)) }
            completion(.done(["\(own) takes VIPs again when it is its turn"]))
        }
    }

    /// The mark first: a node that says that it is drained is so after a power failure, too.
    private func remember(_ since: String?, patience: Duration, then completion: @escaping (String?) -> Void) {
        var answer: ((String?) -> Void)? = completion
        let finish = { (failure: String?) in
            let due = answer
            answer = nil
            due?(failure)
        }
        let path = DrainMark.path(in: configuration.node.dataDirectory)
        do throws(Errno) {
            maintenance.writer = try MarkWriter(path, since, on: loop) { [unowned self] failure in
                maintenance.writer = nil
                if failure == nil { apply(since) }
                finish(failure)
            }
        } catch {
            finish("no process to write it: \(error)")
        }
        // A disk that hangs may still take it later; then it counts from then on.
        loop.schedule(after: patience) { finish("the disk does not answer") }
    }

    private func apply(_ since: String?) {
        maintenance.since = since
        log.write(since == nil ? .undrained : .drained)
        guard since != nil, let election, election.handoverFault() == nil else { return rank() }
        prepareHandover { [unowned self] in rank() }
    }

    /// Answers when another node leads, or none can take over.
    private func giveUp(then completion: @escaping Completion) {
        let own = configuration.node.id
        // Behind what gives them up, once BeforeSlave has ended.
        guard preparation == nil else { return prepareHandover { [unowned self] in giveUp(then: completion) } }
        guard leader?.id == election?.id else { return completion(.done(["\(own) is drained"])) }
        watch(for: Self.handoverPatience) { [unowned self] in
            leader != nil && leader?.id != election?.id
        } then: {
            [unowned self] isGone in
            if isGone, let leader { return completion(.done(["\(own) is drained: \(leader.id) leads now"])) }
            let outcome =
                configuration.whenNoneEligible == .keep ? "it keeps the VIPs" : "nobody has the VIPs"
            completion(
                .done([
                    "\(own) is drained, but no other node can take over: \(outcome) (when_none_eligible) until one can"
                ])
            )
        }
    }

    private static let diskPatience: Duration = .seconds(3)
    private static let handoverPatience: Duration = .seconds(4)
}

/// The file `drained` in data_dir: since when, on one line.
enum DrainMark {
    static func path(in directory: String) -> String { "\(directory)/drained" }

    /// Since when the node is drained; nil where it is not. A mark that nobody can read is a mark still.
    static func read(in directory: String) -> String? {
        do throws(Errno) {
            guard let bytes = try DurableFile.read(path(in: directory), limit: 256) else { return nil }
            let text = String(decoding: bytes, as: UTF8.self).prefix { $0 >= " " && $0 <= "~" }
            return text.isEmpty ? unknown : String(text.prefix(64))
        } catch {
            return unknown
        }
    }

    private static let unknown = "an unknown time"
}
