package import Configuration
package import Control
import Linux
import Preflight
import Storage

/// What an earlier run has left of the history. Whatever state it is in, the agent starts.
struct StoredHistory {
    var entries: [String] = []
    /// Lines that were cut short or rotten, and are left out.
    var damaged = 0
    /// Why there is none.
    var fault: String?

    /// Reads it.
    /// - Parameter repairing: Whether files with damage are written anew without it.
    static func load(from directory: String, repairing: Bool = true) -> StoredHistory {
        var history = StoredHistory()
        let path = directory + "/history"
        for name in [path + ".1", path] {
            do throws(Errno) {
                guard let bytes = try DurableFile.read(name, limit: HistoryFile.largestFile) else { continue }
                let (entries, damaged) = HistoryFile.read(bytes)
                history.entries += entries
                history.damaged += damaged
                if damaged > 0, repairing { repair(name, entries) }
            } catch {
                history.fault = "\(name): \(error)"
            }
        }
        history.entries = history.entries.suffix(HistoryBook.capacity)
        return history
    }

    /// On a full disk the damage stays, and is left out each time.
    private static func repair(_ path: String, _ entries: [String]) {
        try? DurableFile.replace(path, with: entries.compactMap(HistoryFile.line).flatMap(\.self))
    }
}

extension AgentProgram {
    /// What the data directory has, for when no agent can be asked. Nil where it cannot be read.
    package static func storedHistory(_ options: AgentOptions) -> HistoryDocument? {
        guard let configuration = Preflight.load(options).configuration else { return nil }
        let stored = StoredHistory.load(from: configuration.node.dataDirectory, repairing: false)
        guard stored.fault == nil else { return nil }
        let node = configuration.node.id
        let text = HistoryDocument.text(node: node, entries: stored.entries, upTo: .max)
        return HistoryDocument(json: text)
    }
}
