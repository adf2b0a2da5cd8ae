internal import Glibc

extension ProcessTable.Entry {
    /// Whether it is in this process's network namespace; nil where that may not be seen.
    package var isInOurNetwork: Bool? {
        guard let ours = try? FileStatus.target(ofLink: "/proc/self/ns/net"),
            let theirs = try? FileStatus.target(ofLink: "/proc/\(pid)/ns/net")
        else { return nil }
        return ours == theirs
    }
}
