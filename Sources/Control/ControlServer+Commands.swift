package import Linux

extension ControlServer {
    /// Root and the group of the agent's user may change things; who it was is for the log.
    package static func commands(
        at path: String,
        on loop: EventLoop,
        perform: @escaping (ControlRequest, UnixPeer?) -> ControlAnswer
    ) throws(ControlError) -> ControlServer {
        try ControlServer(at: path, mode: 0o660, on: loop) { line, peer in
            let request = ControlRequest(line: line)
            let answer = request.map { perform($0, peer) }
            return (answer ?? .refused("unknown request; expected \(ControlRequest.known)")).json
        }
    }
}
