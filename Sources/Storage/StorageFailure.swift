package import Raft

/// Why the state of a node cannot be used, or not changed.
package enum StorageFailure<Cause: Error & Hashable & Sendable>: Error, Hashable, Sendable {
    package enum Act: String, Hashable, Sendable {
        case read, write, remove
    }

    case failed(Act, StoredFile, Cause)
    /// It may have been changed after the last vote that is left.
    case damaged(StoredFile, String)
    case foreign(StoredFile)
    case otherFormat(StoredFile, UInt16, known: UInt16)
    /// Written by hand, and not as it should be.
    case illegible(StoredFile, String)
    /// Only a node without a cluster can be told to found one.
    case belongsToCluster
    case recovery(RecoveryFault)
}

extension DurableFiles {
    mutating func content(of file: StoredFile) throws(StorageFailure<Failure>) -> [UInt8]? {
        do throws(Failure) { return try read(file) } catch { throw .failed(.read, file, error) }
    }

    mutating func give(_ file: StoredFile, _ bytes: [UInt8]) throws(StorageFailure<Failure>) {
        do throws(Failure) { try replace(file, with: bytes) } catch { throw .failed(.write, file, error) }
    }

    mutating func writeDurably(_ bytes: [UInt8], to file: StoredFile, at offset: Int) throws(StorageFailure<Failure>) {
        do throws(Failure) {
            try write(bytes, to: file, at: offset)
            try synchronize(file)
        } catch {
            throw .failed(.write, file, error)
        }
    }

    mutating func drop(_ file: StoredFile) throws(StorageFailure<Failure>) {
        do throws(Failure) { try remove(file) } catch { throw .failed(.remove, file, error) }
    }
}
