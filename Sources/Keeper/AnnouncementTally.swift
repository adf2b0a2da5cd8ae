package import Net
package import Time

/// What has become of a group's announcements since the keeper began, and who else has claimed its VIPs.
package struct AnnouncementTally: Hashable, Sendable {
    /// Frames by their form.
    package struct Frames: Hashable, Sendable {
        /// Gratuitous ARP requests that were sent.
        package var requests: UInt64 = 0
        /// Gratuitous ARP replies that were sent.
        package var replies: UInt64 = 0
        /// Unsolicited neighbour advertisements that were sent.
        package var advertisements: UInt64 = 0
        /// Of any form: a full queue or an interface that was down took none of them.
        package var failures: UInt64 = 0

        package init() {}

        static func += (sum: inout Frames, more: Frames) {
            sum.requests += more.requests
            sum.replies += more.replies
            sum.advertisements += more.advertisements
            sum.failures += more.failures
        }
    }

    /// Another machine that claimed a VIP while it was held here.
    package struct Rival: Hashable, Sendable {
        package var address: IPAddress
        package var hardware: MACAddress
        /// So far, by this hardware address or another.
        package var claims: UInt64
        package var lastClaim: Instant

        package init(address: IPAddress, hardware: MACAddress, claims: UInt64, lastClaim: Instant) {
            self.address = address
            self.hardware = hardware
            self.claims = claims
            self.lastClaim = lastClaim
        }
    }

    package var frames = Frames()
    /// Claims of other machines to VIPs that were held here.
    package var conflicts: UInt64 = 0
    /// Announcements that answered them.
    package var defences: UInt64 = 0
    /// VIPs on which the kernel's duplicate detection has failed (`IFA_F_DADFAILED`).
    package var duplicates: UInt64 = 0
    /// The last one.
    package var rival: Rival?

    package init() {}
}
