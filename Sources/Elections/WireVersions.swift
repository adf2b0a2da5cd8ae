/// Which versions of datagrams a release speaks: its own and the one before.
///
/// Version and what follows it up to the names stay where they are in every version, so that a node that understands
/// nothing else of a datagram can still say whose it is. See Versions.md.
package struct WireVersions: Hashable, Sendable {
    package let newest: UInt8
    package let oldest: UInt8

    package init(newest: UInt8) {
        self.newest = newest
        oldest = max(1, newest - 1)
    }

    package static let ofThisRelease = WireVersions(newest: 1)

    func includes(_ version: UInt8) -> Bool { (oldest...newest).contains(version) }

    func nearest(to version: UInt8) -> UInt8 { max(oldest, min(newest, version)) }

    /// The highest that all of these announce, as far as we speak it ourselves.
    func common(_ announced: some Sequence<UInt8>) -> UInt8 { nearest(to: announced.min() ?? newest) }
}
