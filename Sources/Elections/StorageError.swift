package import Linux

/// Why the state of a node cannot be used: one line for the operator, with what to do. Nothing is changed by it.
package enum StorageError: Error, Hashable, Sendable {
    case failed(act: String, path: String, Errno)
    /// `path` is what is damaged, `directory` what to move away.
    case damaged(path: String, fault: String, directory: String)
    case foreign(path: String)
    case newer(path: String, format: UInt16, known: UInt16)
    case wrongOwner(directory: String, owner: User)
    case writableByOthers(directory: String)
}

extension StorageError: CustomStringConvertible {
    package var description: String {
        switch self {
        case .failed(let act, let path, let errno):
            "cannot \(act) \(path): \(errno)" + Self.advice(errno, path)
        case .damaged(let path, let fault, let directory):
            "\(path) is damaged: \(fault); the node may have voted and forgotten it: "
                + "move \(directory) away to rejoin as a new member"
        case .foreign(let path):
            "\(path) is not a file of vip-switch; move it away or choose another node.data_dir"
        case .newer(let path, let format, let known):
            "\(path) has format \(format), and this release reads up to \(known); "
                + "run the release that wrote it or a newer one"
        case .wrongOwner(let directory, let owner):
            "\(directory) belongs to \(owner.name), not to \(User.effective.name); "
                + "run as \(owner.name) or chown \(User.effective.name) it"
        case .writableByOthers(let directory):
            "\(directory) is writable by everybody; chmod o-w \(directory)"
        }
    }

    private static func advice(_ errno: Errno, _ path: String) -> String {
        switch errno {
        case .noSpace: "; make room on its file system"
        case .accessDenied, .notPermitted: "; \(User.effective.name) must be able to read and write there"
        case .readOnlyFileSystem: "; node.data_dir must be on a file system that can be written"
        case .noEntry: "; create \(Folder.parent(of: path)) first"
        case .ioError: "; the disk fails: the node must not vote before it is replaced"
        default: ""
        }
    }
}
