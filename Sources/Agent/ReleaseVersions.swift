package import Elections
import Linux
package import Storage

/// The versions of datagrams and state that this release speaks, reads and writes.
///
/// `VIP_SWITCH_TEST_VERSIONS_AHEAD` makes a build out of this one that is one or two releases ahead, so that an upgrade
/// can be tried before there is anything to upgrade to. It is for tests: a cluster in earnest has no use for it.
package struct ReleaseVersions: Hashable, Sendable {
    package let wire: WireVersions
    package let state: StateVersions

    package init(ahead: UInt8 = 0) {
        wire = WireVersions(newest: WireVersions.ofThisRelease.newest + ahead)
        state = StateVersions(newest: StateVersions.ofThisRelease.newest + UInt16(ahead))
    }

    package static var present: ReleaseVersions {
        let ahead = ProcessEnvironment.value("VIP_SWITCH_TEST_VERSIONS_AHEAD").flatMap { UInt8($0) } ?? 0
        return ReleaseVersions(ahead: min(ahead, 2))
    }

    /// What `vip-switch version` says of it.
    package var summary: String {
        "datagrams \(span(wire.oldest, wire.newest)); state: reads \(span(state.oldest, state.newest)), writes \(state.written)"
    }

    private func span(_ oldest: some BinaryInteger, _ newest: some BinaryInteger) -> String {
        oldest == newest ? "\(newest)" : "\(oldest) to \(newest)"
    }
}
