package import Raft

/// What is found at start.
extension DurableState {
    struct Found {
        let version: UInt64
        let stored: StoredState
    }

    /// What is stored; nil where nothing is. Nothing is changed by it.
    package static func peek(
        into files: inout Files,
        versions: StateVersions = .ofThisRelease
    ) throws(Failure) -> StoredState? {
        try load(from: &files, versions)?.stored
    }

    static func load(from files: inout Files, _ versions: StateVersions) throws(Failure) -> Found? {
        guard let stateImage = try files.content(of: .state) else {
            try expectNoCluster(in: &files, versions)
            return nil
        }
        let content = try judged(.state, known: versions.stateFormats.upperBound) { () throws(StoredFault) in
            try StateFile.content(of: stateImage, in: versions)
        }
        guard let logImage = try files.content(of: .log) else { throw .damaged(.log, "it is missing") }
        let log = try judged(.log, known: versions.logFormats.upperBound) { () throws(StoredFault) in
            try EntryFile.log(of: logImage, storage: content.storage, in: versions)
        }
        let agreed = try agree(content.hardState, log)
        let stored = StoredState(storage: content.storage, hardState: content.hardState, log: agreed)
        return Found(version: content.version, stored: stored)
    }

    /// Without a state nothing was promised yet: it is written last, so a log of nothing may be left of an earlier try.
    private static func expectNoCluster(in files: inout Files, _ versions: StateVersions) throws(Failure) {
        guard let image = try files.content(of: .log) else { return }
        let log = try judged(.log, known: versions.logFormats.upperBound) { () throws(StoredFault) in
            try EntryFile.log(of: image, storage: nil, in: versions)
        }
        guard log == Log() else { throw .damaged(.state, "it is missing, and the log is that of a cluster") }
    }

    /// The log must be as the order of writes can leave it.
    private static func agree(_ hardState: HardState, _ log: Log) throws(Failure) -> Log {
        // A crash between the beginning of the log and the cluster's id: nobody has heard of either.
        if hardState.cluster == .none { return Log() }
        guard log.snapshot != .none else { throw .damaged(.log, "its beginning is lost") }
        guard log.lastTerm <= hardState.term else {
            throw .damaged(.state, "it is of term \(hardState.term), and the log of term \(log.lastTerm)")
        }
        return log
    }

    private static func judged<Value>(
        _ file: StoredFile,
        known: UInt16 = 0,
        _ body: () throws(StoredFault) -> Value
    ) throws(Failure) -> Value {
        do throws(StoredFault) {
            return try body()
        } catch {
            switch error {
            case .foreign: throw .foreign(file)
            case .otherFormat(let format): throw .otherFormat(file, format, known: known)
            case .damaged(let fault): throw .damaged(file, fault)
            case .illegible(let fault): throw .illegible(file, fault)
            }
        }
    }
}

/// Who founds the cluster, by an operator's word.
extension DurableState {
    /// Nil where nobody has said so: then all that the configuration names do.
    package static func founders(in files: inout Files) throws(Failure) -> Set<NodeID>? {
        guard let image = try files.content(of: .founders) else { return nil }
        return try judged(.founders) { () throws(StoredFault) in try FoundersFile.founders(of: image) }
    }

    /// Says so, for the node's next start.
    package static func order(_ founders: Set<NodeID>, in files: inout Files) throws(Failure) {
        let cluster = try load(from: &files, .ofThisRelease)?.stored.hardState.cluster ?? .none
        guard cluster == .none else { throw .belongsToCluster }
        try files.give(.founders, FoundersFile.image(founders))
    }
}
