/// A file of a data directory; the raw value is its name.
package enum StoredFile: String, Hashable, Sendable, CaseIterable {
    case state
    case log
    /// What `bootstrap --only` has said, until there is a cluster.
    case founders = "bootstrap"
}

/// The files of one data directory, and what a disk can promise of them.
///
/// Two keep it: the file system of Linux, and the simulator's, which breaks every promise that it may. After an error
/// nothing is known about what the disk has.
package protocol DurableFiles {
    associatedtype Failure: Error & Hashable & Sendable

    /// The whole content; nil where there is no such file.
    mutating func read(_ file: StoredFile) throws(Failure) -> [UInt8]?

    /// Gives a file, which may not be there yet, another content in one step: a crash leaves the old or the new one.
    mutating func replace(_ file: StoredFile, with bytes: [UInt8]) throws(Failure)

    /// Writes into a file that was replaced in this run. A crash before it is synchronized leaves anything of it.
    mutating func write(_ bytes: [UInt8], to file: StoredFile, at offset: Int) throws(Failure)

    /// Returns when a crash cannot take away any more what was written.
    mutating func synchronize(_ file: StoredFile) throws(Failure)

    /// No error where there is none.
    mutating func remove(_ file: StoredFile) throws(Failure)
}
