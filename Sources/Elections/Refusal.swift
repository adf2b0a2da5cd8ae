/// Why a datagram was not heard; the raw value is the label of its counter.
package enum Refusal: String, Error, Hashable, Sendable, CaseIterable {
    case oversized
    case cutShort = "cut_short"
    case wrongMagic = "wrong_magic"
    /// Of a release two or more ahead of ours, or behind it: a release speaks its own version and the one before.
    case versionTooNew = "version_too_new"
    case versionTooOld = "version_too_old"
    case unknownKind = "unknown_kind"
    case unknownGroup = "unknown_group"
    /// Meant for a node of another name: an address in somebody's configuration is wrong.
    case notForUs = "not_for_us"
    /// A sender whose name we do not know.
    case unknownSender = "unknown_sender"
    /// Strange addresses send more than we care to open.
    case flood
    /// Of another secret, or changed on its way.
    case wrongKey = "wrong_key"
    /// Opens, and makes no sense.
    case malformed
    case foreignCluster = "foreign_cluster"
    /// Does not name our boot: it was sent to an earlier run of ours, or by an earlier run of the sender's, or before
    /// it had heard of us.
    case staleBoot = "stale_boot"
    case replayed
}
