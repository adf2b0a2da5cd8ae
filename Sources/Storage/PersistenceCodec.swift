package import Net
package import Raft

/// A write on its way from the agent to the scribe.
extension Persistence {
    package func encoded() -> [UInt8] {
        var writer = FieldWriter()
        writer.append(number)
        writer.append(hardState != nil)
        if let hardState { writer.append(hardState) }
        writer.append(snapshot != nil)
        if let snapshot { writer.append(snapshot) }
        writer.append(keep != nil)
        if let keep { writer.append(keep) }
        writer.append(UInt32(entries.count))
        for entry in entries { writer.append(entry) }
        return writer.bytes
    }

    package init(decoding bytes: [UInt8]) throws(Malformed) {
        var reader = FieldReader(bytes)
        let number = try reader.integer(UInt64.self)
        let hardState = try reader.flag() ? try reader.hardState() : nil
        let snapshot = try reader.flag() ? try reader.snapshot() : nil
        let keep = try reader.flag() ? try reader.index() : nil
        var entries: [LogEntry] = []
        for _ in 0..<(try reader.integer(UInt32.self)) { entries.append(try reader.entry()) }
        try reader.expectEnd()
        guard keep != nil || entries.isEmpty else { throw .invalid("entries without a place") }
        self.init(number: number, hardState: hardState, snapshot: snapshot, keep: keep, entries: entries)
    }
}

extension FieldWriter {
    mutating func append(_ hardState: HardState) {
        append(hardState.cluster)
        append(hardState.term)
        append(hardState.longestPromise)
        append(hardState.vote)
    }

    mutating func append(_ entry: LogEntry) {
        append(entry.index)
        append(entry.term)
        append(entry.payload)
    }
}

extension FieldReader {
    mutating func hardState() throws(Malformed) -> HardState {
        let cluster = try cluster()
        let (term, promise) = (try term(), try duration())
        return HardState(term: term, vote: try optionalName(), longestPromise: promise, cluster: cluster)
    }

    mutating func entry() throws(Malformed) -> LogEntry {
        LogEntry(index: try index(), term: try term(), payload: try payload())
    }
}
