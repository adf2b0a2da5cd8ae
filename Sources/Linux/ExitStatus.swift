internal import CLinux
internal import Glibc

/// How a child ended.
package enum ExitStatus: Hashable, Sendable {
    case exited(Int32)
    case killed(signal: Int32)

    package var isSuccess: Bool { self == .exited(0) }
}

extension ExitStatus: CustomStringConvertible {
    package var description: String {
        switch self {
        case .exited(let code): "exited with \(code)"
        case .killed(let signal): "killed by signal \(signal)"
        }
    }
}

extension ExitStatus {
    /// Takes a dead child off the kernel's list; nil while `child` lives.
    ///
    /// Until then its number, and that of the group it leads, belongs to nobody else.
    static func reap(_ child: Int32) throws(Errno) -> ExitStatus? {
        var status: Int32 = 0
        guard try retrying({ unsafe waitpid(child, &status, WNOHANG) }) == child else { return nil }
        if clinux_wifsignaled(status) != 0 { return .killed(signal: clinux_wtermsig(status)) }
        return .exited(clinux_wexitstatus(status))
    }
}
