import Configuration
import Control
import Elections
import Failover
import Keeper
import Linux
import Observability
import Raft
import Time

/// Who gave an order, for the log.
enum Orderer {
    case here(UnixPeer?)
    /// Who it was there is that node's word.
    case atPeer(NodeID, String)

    var fields: [(String, LogValue)] {
        switch self {
        case .here(let peer):
            [
                ("user", peer.map { LogValue($0.user) } ?? "unknown"),
                ("pid", peer.map { LogValue($0.pid) } ?? "unknown"),
            ]
        case .atPeer(let node, let orderer): [("node", LogValue(node)), ("orderer", LogValue(orderer))]
        }
    }
}

/// What an operator asks for on the control socket.
extension Agent {
    func serveControl() throws(StartFailure) {
        do throws(ControlError) {
            controlServer = try .commands(at: configuration.control.socket, on: loop) {
                [unowned self] request, peer, completion in obey(request, of: .here(peer), then: completion)
            }
        } catch {
            throw StartFailure(error.description)
        }
    }

    /// Does what is asked for, or has the node do it that can; answers when it is done.
    func obey(_ request: ControlRequest, of orderer: Orderer, then completion: @escaping (ControlAnswer) -> Void) {
        let finish = { [unowned self] (answer: ControlAnswer) in
            note(request, of: orderer, answer)
            completion(answer)
        }
        switch request {
        case .announce(let group): announce(group, request, of: orderer, then: finish)
        case .reload: reload(of: orderer, then: finish)
        case .transfer(let node): transfer(to: node, request, of: orderer, then: finish)
        case .drain(let node): drain(node, isWanted: true, request, of: orderer, then: finish)
        case .undrain(let node): drain(node, isWanted: false, request, of: orderer, then: finish)
        case .member(let order): change(order, request, of: orderer, then: finish)
        }
    }

    private func note(_ request: ControlRequest, of orderer: Orderer, _ answer: ControlAnswer) {
        let (event, outcome): (LogEvent, LogValue) =
            switch answer {
            case .done: (.commandDone, "done")
            case .refused(let reason), .noLeader(let reason): (.commandRefused, LogValue(reason))
            case .mistakes(let lines): (.commandRefused, "\(lines.count) mistakes")
            }
        let fields = [("request", LogValue(request.line)), ("outcome", outcome)] + orderer.fields
        // Another try is another process.
        log.write(event, list: fields, besides: ["pid"])
    }

    /// Has another node carry an order out that was given here; an order of a peer goes no further.
    func forward(
        _ request: ControlRequest,
        to node: NodeID,
        of orderer: Orderer,
        then completion: @escaping (ControlAnswer) -> Void
    ) {
        guard case .here(let peer) = orderer, let election else {
            return completion(.refused("\(configuration.node.id) was asked, and it is for \(node) to do: ask again"))
        }
        let user = peer.map { "user \($0.user), pid \($0.pid)" } ?? "unknown"
        election.ask(node, request.line, orderer: user, within: Self.orderPatience) { result in
            switch result {
            case .success(let document):
                completion(ControlAnswer(json: document) ?? .refused("what \(node) answers makes no sense here"))
            case .failure(.unfinished):
                completion(.refused("\(node) has the order and did not answer in time: look whether it is done"))
            case .failure(let failure): completion(.refused(failure.text(about: node)))
            }
        }
    }

    /// For a peer to carry an order out: less than a client waits.
    static let orderPatience: Duration = .seconds(12)

    /// Of one group or of all; done where one of them is held.
    private func announce(
        _ name: String?,
        _ request: ControlRequest,
        of orderer: Orderer,
        then completion: @escaping (ControlAnswer) -> Void
    ) {
        let groups = configuration.groups.filter { name == nil || $0.name == name }
        if groups.isEmpty { return completion(.refused(unknown(group: name))) }
        let held = groups.filter { isHeld($0.name) }
        if held.isEmpty {
            if let leader, leader.id != election?.id, case .here = orderer {
                return forward(request, to: leader.id, of: orderer, then: completion)
            }
            return completion(.refused("\(groups.map(\.name).joined(separator: ", ")): no holder is known"))
        }
        for group in held { announceAnew(group) }
        completion(
            .done(held.map { "announcing \($0.name): \($0.vips.map { "\($0.prefix)" }.joined(separator: ", "))" })
        )
    }

    private func unknown(group name: String?) -> String {
        guard let name else { return "the configuration has no VIPs to announce" }
        let hint = suggestion(for: name, among: configuration.groups.map(\.name)).map { "; did you mean \($0)?" } ?? ""
        return "there is no group \(quoted(name))\(hint)"
    }
}

// MARK: - Announcing anew

extension Agent {
    func isHeld(_ group: String) -> Bool {
        if case .held = failover.groups.first(where: { $0.name == group })?.holding { true } else { false }
    }

    /// For when neighbours may have learnt something else: all VIPs that are held here.
    func announceAnew() {
        for group in configuration.groups where isHeld(group.name) { announceAnew(group) }
    }

    private func announceAnew(_ group: GroupSettings) {
        for part in group.parts { links.keeper.send(.announce(group: part.name)) }
    }
}
