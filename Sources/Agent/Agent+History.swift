import Configuration
import Control
import Elections
import Linux
import Observability
import Raft
import Scribe
import Storage
import Time

/// What happened on this node, kept for the morning after.
extension Agent {
    /// From now on every line of the log that tells a change is kept.
    func keepHistory(_ stored: StoredHistory) {
        history = HistoryBook(stored.entries)
        log.history = { [unowned self] in remember($0) }
        if stored.damaged > 0 {
            log.write(.historyRepaired, ["damaged": LogValue(stored.damaged), "kept": LogValue(stored.entries.count)])
        }
        if let fault = stored.fault { log.write(.historyUnreadable, ["reason": LogValue(fault)]) }
    }

    private func remember(_ entry: Observability.LogEntry) {
        let clock = Double(Clock.now().boottime / 1000) / 1000
        let term = election?.term.number ?? 0
        history.add(HistoryEntry(entry, node: configuration.node.id, term: term, clock: clock))
        guard !isHistoryDue else { return }
        isHistoryDue = true
        loop.schedule(after: HistoryBook.delay) { [unowned self] in
            isHistoryDue = false
            writeHistory()
        }
    }

    /// - Parameter isLast: The process ends: what is not handed over now is lost.
    func writeHistory(isLast: Bool = false) {
        while let batch = history.takeBatch(upTo: Scribe.largestRecord, isLast: isLast) {
            if links.scribe?.note(batch) != true {
                noteWritten(lost: batch.count { $0 == UInt8(ascii: "\n") }, "no scribe")
            }
        }
    }

    func noteWritten(lost: Int, _ reason: String) {
        let isMore = history.finishBatch(lost: lost)
        if lost > 0 {
            log.write(.historyLost, ["count": LogValue(lost), "reason": LogValue(reason)], besides: ["count"])
        }
        if isMore { writeHistory() }
    }

    /// The latest entries of this node, as many as fit.
    func historyDocument() -> String {
        HistoryDocument.text(
            node: configuration.node.id,
            entries: history.latest(HistoryBook.capacity),
            upTo: Self.longestHistory
        )
    }

    /// Below what a peer's answer may have.
    private static let longestHistory = 240 * 1024
}
