/// Which versions of the files `state` and `log` a release reads, and which it writes.
///
/// Reading comes a release before writing: whoever goes back to the release before finds its state as it can be read. So
/// a release writes the version of the one before it, which may itself have written that of the one before that. See
/// Versions.md.
package struct StateVersions: Hashable, Sendable {
    /// The newest that can be read: the release's own.
    package let newest: UInt16
    package let oldest: UInt16
    package let written: UInt16

    package init(newest: UInt16) {
        self.newest = newest
        oldest = newest > 2 ? newest - 2 : 1
        written = max(1, newest - 1)
    }

    package static let ofThisRelease = StateVersions(newest: 1)

    /// The formats of the file `state` are numbered as the versions; the log had one before the first release.
    func stateFormat(_ version: UInt16) -> UInt16 { version }
    func logFormat(_ version: UInt16) -> UInt16 { version + 1 }

    var stateFormats: ClosedRange<UInt16> { stateFormat(oldest)...stateFormat(newest) }
    var logFormats: ClosedRange<UInt16> { logFormat(oldest)...logFormat(newest) }
    var writtenStateFormat: UInt16 { stateFormat(written) }
    var writtenLogFormat: UInt16 { logFormat(written) }
}
