internal import Linux
internal import Raft

/// The data directory with its files, as they are found at start.
struct StoredFiles {
    let directory: String
    var state: String { directory + "/state" }
    var log: String { directory + "/log" }

    /// Far beyond what a log grows to.
    private static let sizeLimit = 256 << 20

    /// Makes the directory if it is missing; refuses one that others could put a state into.
    func prepareDirectory() throws(StorageError) {
        let status: FileStatus
        do throws(Errno) {
            do throws(Errno) { try Folder.create(directory) } catch .exists {}
            status = try FileStatus(of: directory)
            guard status.kind == .directory else { throw .notADirectory }
        } catch {
            throw .failed(act: "create", path: directory, error)
        }
        guard status.owner == User.effective.id else {
            throw .wrongOwner(directory: directory, owner: User(id: status.owner))
        }
        guard !status.isWritableByOthers else { throw .writableByOthers(directory: directory) }
    }

    /// What is stored; a new identity where nothing is.
    func load() throws(StorageError) -> (StateFile.Content, [LogEntry]) {
        guard let stateImage = try read(state) else { return (try found(), []) }
        let content = try check(state, known: StateFile.format) { () throws(StoredFault) in
            try StateFile.content(of: stateImage)
        }
        guard let logImage = try read(log) else { throw damaged(log, "it is missing") }
        let entries = try check(log, known: EntryFile.format) { () throws(StoredFault) in
            try EntryFile.entries(of: logImage, storage: content.storage)
        }
        return (content, try agree(content.hardState, entries))
    }

    /// Nothing was promised under this identity yet: the state is written last, so a log without entries may be left of
    /// an earlier try.
    private func found() throws(StorageError) -> StateFile.Content {
        if let image = try read(log) {
            let entries = try check(log, known: EntryFile.format) { () throws(StoredFault) in
                try EntryFile.entries(of: image, storage: nil)
            }
            guard entries.isEmpty else { throw damaged(state, "it is missing, and \(log) has entries") }
        }
        return StateFile.Content(version: 1, storage: StorageID(Random.uint128()), hardState: .empty)
    }

    /// The log must be as the order of writes can leave it.
    private func agree(_ hardState: HardState, _ entries: [LogEntry]) throws(StorageError) -> [LogEntry] {
        // A crash between the first entry and the cluster's id: nobody has heard of either.
        if hardState.cluster == .none { return [] }
        guard let last = entries.last else { throw damaged(log, "its first entry is lost") }
        guard last.term <= hardState.term else {
            throw damaged(state, "it is of term \(hardState.term), and the log of term \(last.term)")
        }
        return entries
    }
}

extension StoredFiles {
    /// Gives a file a new content in one step and opens it.
    func replace(_ path: String, with image: [UInt8]) throws(StorageError) -> DurableFile {
        do throws(Errno) {
            try DurableFile.replace(path, with: image)
            return try DurableFile(path: path)
        } catch {
            throw .failed(act: "write", path: path, error)
        }
    }

    private func read(_ path: String) throws(StorageError) -> [UInt8]? {
        do throws(Errno) {
            return try DurableFile.read(path, limit: Self.sizeLimit)
        } catch .noEntry {
            return nil
        } catch {
            throw .failed(act: "read", path: path, error)
        }
    }

    private func check<Value>(
        _ path: String,
        known: UInt16,
        _ body: () throws(StoredFault) -> Value
    ) throws(StorageError) -> Value {
        do throws(StoredFault) {
            return try body()
        } catch {
            switch error {
            case .foreign: throw .foreign(path: path)
            case .newer(let format): throw .newer(path: path, format: format, known: known)
            case .damaged(let fault): throw damaged(path, fault)
            }
        }
    }

    private func damaged(_ path: String, _ fault: String) -> StorageError {
        .damaged(path: path, fault: fault, directory: directory)
    }
}
