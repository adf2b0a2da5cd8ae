import Linux
package import Net

/// An address that an earlier run left behind.
package struct Leftover: Hashable, Sendable {
    package let prefix: Prefix
    package let interface: String
}

/// The command `release`: takes the lock, takes off what a dead run left, and returns what that was.
///
/// Throws where the lock is held: the VIPs of an agent that runs are its own affair.
package func releaseLeftovers(_ plan: KeeperPlan) throws(KeeperRefusal) -> [Leftover] {
    let directory = try KeeperDirectory(plan.dataDirectory)
    let record = try directory.record()
    let netlink = try KeeperStart.refusing { () throws(NetlinkError) in try Netlink() }
    let (_, site) = try KeeperStart.refusing { () throws(NetlinkError) in try netlink.site() }
    let leftovers = StartCheck(plan: plan, site: site, record: record).ownLeftovers()
    try KeeperStart.remove(leftovers, by: netlink)
    try Fence.remove(from: directory)
    try directory.clearRecord()
    return leftovers.map { Leftover(prefix: $0.prefix, interface: site.name(of: $0.interface)) }
}
