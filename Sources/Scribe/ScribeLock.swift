package import Linux
internal import Time

/// Keeps two scribes from one data folder.
///
/// A scribe whose disk hangs outlives its agent, and the keeper with the folder's main lock. What it still writes when
/// the disk answers again must not reach files that the next run has read meanwhile, or a vote could be forgotten. So
/// each scribe holds a lock of its own until it ends, and a starting agent waits for it **before** it reads the state.
package enum ScribeLock {
    package enum Failure: Error, Hashable, Sendable {
        /// By an earlier run's scribe of that pid.
        case held(folder: String, holder: Int32)
        case unusable(path: String, Errno)
    }

    /// Returns once no scribe writes to the folder.
    ///
    /// The caller's run holds the folder's main lock: none starts a scribe between this and its own.
    package static func awaitEarlierScribe(in folder: String, upTo bound: Duration = .seconds(5)) throws(Failure) {
        let end = Clock.now() + bound
        while true {
            do throws(Failure) {
                _ = try take(in: folder)
                return
            } catch {
                guard case .held = error, !Deadline.timer(end).hasPassed(at: Clock.now()) else { throw error }
            }
            Clock.sleep(for: .milliseconds(20))
        }
    }

    /// For the scribe, which keeps it until it ends, and for whoever changes the state in its place.
    package static func take(in folder: String) throws(Failure) -> FileLock {
        let path = folder + "/scribe.lock"
        let outcome: FileLock.Outcome
        do throws(Errno) {
            outcome = try FileLock.acquire(path)
        } catch {
            throw .unusable(path: path, error)
        }
        switch consume outcome {
        case .acquired(let lock): return lock
        case .held(let holder): throw .held(folder: folder, holder: holder)
        }
    }
}

extension ScribeLock.Failure: CustomStringConvertible {
    package var description: String {
        switch self {
        case .held(let folder, let holder):
            "an earlier run's scribe (pid \(holder)) still writes to \(folder); wait for its disk to answer, or kill it"
        case .unusable(let path, let error): "cannot lock \(path): \(error)"
        }
    }
}
