import Configuration
import Control
import Elections
import Failover
import Keeper
import Linux
import Observability
import Raft

/// What an operator asks for on the control socket.
extension Agent {
    func serveControl() throws(StartFailure) {
        do throws(ControlError) {
            controlServer = try .commands(at: configuration.control.socket, on: loop) { [unowned self] request, peer in
                obey(request, of: peer)
            }
        } catch {
            throw StartFailure(error.description)
        }
    }

    private func obey(_ request: ControlRequest, of peer: UnixPeer?) -> ControlAnswer {
        let answer =
            switch request {
            case .announce(let group): announce(group)
            }
        note(request, of: peer, answer)
        return answer
    }

    private func note(_ request: ControlRequest, of peer: UnixPeer?, _ answer: ControlAnswer) {
        let (event, outcome): (LogEvent, LogValue) =
            switch answer {
            case .done: (.commandDone, "done")
            case .refused(let reason): (.commandRefused, LogValue(reason))
            }
        log.write(
            event,
            [
                "request": LogValue(request.line), "outcome": outcome,
                "user": peer.map { LogValue($0.user) } ?? "unknown", "pid": peer.map { LogValue($0.pid) } ?? "unknown",
            ],
            besides: ["pid"]
        )
    }

    /// Of one group or of all; done where this node holds one of them.
    private func announce(_ name: String?) -> ControlAnswer {
        let groups = configuration.groups.filter { name == nil || $0.name == name }
        if groups.isEmpty { return .refused(unknown(group: name)) }
        let held = groups.filter { isHeld($0.name) }
        if held.isEmpty { return .refused(elsewhere(groups.map(\.name))) }
        for group in held { announceAnew(group) }
        return .done(held.map { "announcing \($0.name): \($0.vips.map { "\($0.prefix)" }.joined(separator: ", "))" })
    }

    private func unknown(group name: String?) -> String {
        guard let name else { return "the configuration has no VIPs to announce" }
        let hint = suggestion(for: name, among: configuration.groups.map(\.name)).map { "; did you mean \($0)?" } ?? ""
        return "there is no group \(quoted(name))\(hint)"
    }

    private func elsewhere(_ names: [String]) -> String {
        let what = names.joined(separator: ", ")
        guard let leader, leader.id != election?.id else { return "\(what): not held here, and no holder is known" }
        return "\(what): held by \(leader.id), not here; announce it there"
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
