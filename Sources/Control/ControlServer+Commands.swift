package import Linux

extension ControlServer {
    /// Root and the group of the agent's user may change things; who it was is for the log.
    package static func commands(
        at path: String,
        on loop: EventLoop,
        perform: @escaping (ControlRequest, UnixPeer?, @escaping (ControlAnswer) -> Void) -> Void
    ) throws(ControlError) -> ControlServer {
        try ControlServer(at: path, mode: 0o660, on: loop) { line, reply in
            guard let request = ControlRequest(line: line) else {
                return reply.send(ControlAnswer.refused("unknown request; expected \(ControlRequest.known)").json)
            }
            perform(request, reply.peer) { reply.send($0.json) }
        }
    }
}
