import Linux

/// Why a control socket cannot be made or asked: the path, the cause and what to do.
package struct ControlError: Error, Hashable, Sendable, CustomStringConvertible {
    package let description: String

    init(listening path: String, _ refusal: UnixListener.Refusal) {
        description =
            switch refusal {
            case .inUse:
                "cannot listen on \(path): another agent answers there; stop it, or set control in this one's file"
            case .notASocket: "cannot listen on \(path): something that is no socket stands there; move it away"
            case .failed(let error): "cannot listen on \(path): \(error); \(Self.advice(path, error))"
            }
    }

    init(asking path: String, _ error: Errno) {
        description =
            switch error {
            case .noEntry:
                "no agent to ask at \(path); start it, or name its socket with --socket or its file with --config"
            case .connectionRefused: "no agent to ask at \(path): the one that made it is gone; start it again"
            case .accessDenied, .notPermitted: "may not open \(path): \(error); ask as root or as the agent's user"
            case .timedOut, .wouldBlock: "the agent at \(path) does not answer; is it stopped or overloaded?"
            case .connectionReset, .brokenPipe: "the agent at \(path) broke off its answer; ask again"
            default: "cannot ask the agent at \(path): \(error)"
            }
    }

    private static func advice(_ path: String, _ error: Errno) -> String {
        let folder = Folder.parent(of: path)
        let user = User.effective.name
        return switch error {
        case .noEntry: "type: install -d -m 0755 -o \(user) \(folder)"
        case .accessDenied, .notPermitted: "\(folder) must be writable for \(user)"
        default: "set control.socket to another path"
        }
    }
}
