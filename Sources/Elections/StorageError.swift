package import Linux
internal import Raft
internal import Storage

/// Why the state of a node cannot be used: one line for the operator, with what to do. Nothing is changed by it.
package enum StorageError: Error, Hashable, Sendable {
    case failed(act: String, path: String, Errno)
    /// `path` is what is damaged, `directory` what to move away.
    case damaged(path: String, fault: String, directory: String)
    case foreign(path: String)
    case otherFormat(path: String, format: UInt16, known: UInt16)
    /// Written by hand, and not as it should be.
    case illegible(path: String, fault: String)
    case belongsToCluster(directory: String)
    case belongsToNoCluster(directory: String)
    case isFull(limit: Int)
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
        case .otherFormat(let path, let format, let known):
            "\(path) has format \(format), and this release reads format \(known); "
                + "run the release that wrote it, or the one before that"
        case .illegible(let path, let fault):
            "\(path) cannot be read: \(fault); write the name of a founder a line, or remove it"
        case .belongsToCluster(let directory):
            "the node of \(directory) belongs to a cluster already and founds none; "
                + "to leave that one for good, move \(directory) away first"
        case .belongsToNoCluster(let directory):
            "the node of \(directory) belongs to no cluster, so there is none to recover; start it to found or join one"
        case .isFull(let limit):
            "the cluster has \(limit) members without this node, and more cannot be; recover it on one of them"
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

extension StorageError {
    init(_ failure: StorageFailure<Errno>, in files: DataDirectory) {
        self =
            switch failure {
            case .failed(let act, let file, let errno): .failed(act: act.rawValue, path: files.path(of: file), errno)
            case .damaged(let file, let fault):
                .damaged(path: files.path(of: file), fault: fault, directory: files.path)
            case .foreign(let file): .foreign(path: files.path(of: file))
            case .otherFormat(let file, let format, let known):
                .otherFormat(path: files.path(of: file), format: format, known: known)
            case .illegible(let file, let fault): .illegible(path: files.path(of: file), fault: fault)
            case .belongsToCluster: .belongsToCluster(directory: files.path)
            case .recovery(.belongsToNone): .belongsToNoCluster(directory: files.path)
            case .recovery(.isFull(let limit)): .isFull(limit: limit)
            }
    }
}
