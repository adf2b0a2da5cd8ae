internal import Linux
internal import Storage

/// A data directory on a file system of Linux.
final class DataDirectory: DurableFiles {
    let path: String
    /// What was replaced in this run: the file that the name led to then.
    private var open: [StoredFile: OpenFile] = [:]

    private final class OpenFile {
        private let file: DurableFile
        init(path: String) throws(Errno) { file = try DurableFile(path: path) }
        func write(_ bytes: [UInt8], at offset: Int) throws(Errno) { try file.write(bytes, at: offset) }
        func synchronize() throws(Errno) { try file.synchronize() }
    }

    /// Far beyond what a log grows to.
    private static let sizeLimit = 256 << 20

    init(_ path: String) { self.path = path }

    func path(of file: StoredFile) -> String { "\(path)/\(file.rawValue)" }

    func read(_ file: StoredFile) throws(Errno) -> [UInt8]? {
        do throws(Errno) { return try DurableFile.read(path(of: file), limit: Self.sizeLimit) } catch .noEntry {
            return nil
        }
    }

    func replace(_ file: StoredFile, with bytes: [UInt8]) throws(Errno) {
        open[file] = nil
        try DurableFile.replace(path(of: file), with: bytes)
        open[file] = try OpenFile(path: path(of: file))
    }

    func write(_ bytes: [UInt8], to file: StoredFile, at offset: Int) throws(Errno) {
        try opened(file).write(bytes, at: offset)
    }

    func synchronize(_ file: StoredFile) throws(Errno) { try opened(file).synchronize() }

    func remove(_ file: StoredFile) throws(Errno) {
        open[file] = nil
        try DurableFile.remove(path(of: file))
    }

    private func opened(_ file: StoredFile) -> OpenFile {
        guard let opened = open[file] else { preconditionFailure("\(file) was not replaced in this run") }
        return opened
    }

    /// Makes the directory if it is missing; refuses one that others could put a state into.
    func prepare() throws(StorageError) {
        let status: FileStatus
        do throws(Errno) {
            do throws(Errno) { try Folder.create(path) } catch .exists {}
            status = try Self.status(of: path)
        } catch {
            throw .failed(act: "create", path: path, error)
        }
        try judge(status)
    }

    /// Whether there is such a directory; refuses it like `prepare()`, and makes none.
    func exists() throws(StorageError) -> Bool {
        let status: FileStatus
        do throws(Errno) {
            status = try Self.status(of: path)
        } catch .noEntry {
            return false
        } catch {
            throw .failed(act: "look at", path: path, error)
        }
        try judge(status)
        return true
    }

    private static func status(of path: String) throws(Errno) -> FileStatus {
        let status = try FileStatus(of: path)
        guard status.kind == .directory else { throw .notADirectory }
        return status
    }

    private func judge(_ status: FileStatus) throws(StorageError) {
        guard status.owner == User.effective.id else {
            throw .wrongOwner(directory: path, owner: User(id: status.owner))
        }
        guard !status.isWritableByOthers else { throw .writableByOthers(directory: path) }
    }
}
