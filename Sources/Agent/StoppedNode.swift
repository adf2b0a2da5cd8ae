import Elections
import Keeper
import Linux
import Raft
import Scribe

/// The data directory of a node whose agent does not run.
///
/// Both locks are held as long as this lives: no agent starts there, and no scribe that an earlier run left writes.
/// Without them another process might have promised or voted what is about to be overwritten.
final class StoppedNode {
    private let directory: String
    private let locks: Locks
    /// Nil where nothing is stored.
    let stored: StoredState?

    private struct Locks: ~Copyable {
        let keeper: FileLock
        let scribe: FileLock
    }

    init(_ directory: String) throws(StartFailure) {
        self.directory = directory
        do throws(StorageError) {
            // Before anything is made there: root would leave locks behind that the agent's user cannot open.
            guard try RaftStorage.exists(directory: directory) else {
                throw .belongsToNoCluster(directory: directory)
            }
        } catch {
            throw StartFailure("\(error)")
        }
        locks = Locks(keeper: try Self.keeperLock(directory), scribe: try Self.scribeLock(directory))
        do throws(StorageError) {
            stored = try RaftStorage.peek(directory: directory)
        } catch {
            throw StartFailure("\(error)")
        }
    }

    /// Writes the state of the only voter of a new cluster.
    func recover(as node: ConfiguredNode) throws(StartFailure) -> StoredState {
        do throws(StorageError) {
            return try RaftStorage.recover(directory: directory, as: node)
        } catch {
            throw StartFailure("\(error)")
        }
    }

    private static func keeperLock(_ directory: String) throws(StartFailure) -> FileLock {
        let outcome = try StartFailure.attempting("cannot lock \(directory)") { () throws(Errno) in
            try KeeperLock.take(in: directory)
        }
        switch consume outcome {
        case .acquired(let lock): return lock
        case .held(let pid):
            throw StartFailure("an agent runs on \(directory), and \(describe(pid)) has its lock; stop it first")
        }
    }

    private static func scribeLock(_ directory: String) throws(StartFailure) -> FileLock {
        do throws(ScribeLock.Failure) { return try ScribeLock.take(in: directory) } catch {
            throw StartFailure("\(error)")
        }
    }

    /// Who runs on the directory; nil where nobody does. Only for words: it may have changed already.
    static func runner(on directory: String) -> String? {
        guard let outcome = try? KeeperLock.take(in: directory) else { return nil }
        switch consume outcome {
        case .acquired: return nil
        case .held(let pid): return describe(pid)
        }
    }

    private static func describe(_ pid: Int32) -> String {
        if pid == 0 { return "a process of another container" }
        return "process \(pid)" + (ProcessTable.Entry(pid: pid).name.map { " (\($0))" } ?? "")
    }
}
