package import Linux

/// Where the answer to one request goes: at once, or when whoever had to be asked has answered.
///
/// The first document counts. Nothing comes of it when the client has gone meanwhile, or when `ControlServer.longestWait`
/// was over before: then the client was told so.
package final class ControlReply {
    /// Who asks; nil where the kernel does not tell.
    package let peer: UnixPeer?
    private var deliver: ((String) -> Void)?

    init(to peer: UnixPeer?, _ deliver: @escaping (String) -> Void) {
        self.peer = peer
        self.deliver = deliver
    }

    /// Whether somebody still waits for it.
    package var isAwaited: Bool { deliver != nil }

    package func send(_ document: String) {
        let deliver = deliver
        self.deliver = nil
        deliver?(document)
    }

    /// Nobody waits any more.
    func abandon() { deliver = nil }
}
