import Control
import Storage

/// The latest that happened on this node, as JSON, and what of it is still to be written.
///
/// Questions are answered from here, so nobody who asks waits for a disk. What is written is a copy for the next run: it
/// waits for a quiet moment, since a change of leadership writes votes at the same time, and one batch at a time is with
/// the scribe.
struct HistoryBook {
    static let capacity = 1000
    /// Lines that wait for a scribe that does not get on; older ones are lost then.
    static let mostPending = 1000
    /// Until what has happened is handed over.
    static let delay: Duration = .milliseconds(100)

    private(set) var entries: [String] = []
    private var pending: [[UInt8]] = []
    private var isUnderway = false
    /// Entries that never reached the file.
    private(set) var lost = 0

    init(_ entries: [String] = []) { self.entries = entries.suffix(Self.capacity) }

    mutating func add(_ entry: HistoryEntry) {
        let text = entry.value.text
        entries.append(text)
        // In portions: to take the first out of a thousand moves all others.
        if entries.count >= Self.capacity * 5 / 4 { entries.removeFirst(entries.count - Self.capacity) }
        guard let line = HistoryFile.line(text), pending.count < Self.mostPending else {
            lost += 1
            return
        }
        pending.append(line)
    }

    /// The latest, the oldest first.
    func latest(_ count: Int) -> ArraySlice<String> { entries.suffix(min(count, Self.capacity)) }

    /// What is to be handed over now; nil where there is nothing, or the scribe has not answered yet.
    ///
    /// - Parameter isLast: The process ends: it is not waited for an answer.
    mutating func takeBatch(upTo limit: Int, isLast: Bool = false) -> [UInt8]? {
        guard !pending.isEmpty, !isUnderway || isLast else { return nil }
        var (batch, count): ([UInt8], Int) = ([], 0)
        while count < pending.count, batch.count + pending[count].count <= limit {
            batch += pending[count]
            count += 1
        }
        pending.removeFirst(count)
        isUnderway = true
        return batch
    }

    /// The scribe has written the batch, but for so many lines; true when there is more to hand over.
    mutating func finishBatch(lost: Int) -> Bool {
        isUnderway = false
        self.lost += lost
        return !pending.isEmpty
    }
}
