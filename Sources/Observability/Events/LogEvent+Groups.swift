/// What becomes of the groups on this node.
extension LogEvent {
    package static let vipsAssigned = LogEvent("vips_assigned", .notice, "VIPs assigned", .history)
    package static let vipsWithdrawn = LogEvent("vips_withdrawn", .notice, "VIPs withdrawn", .history)
    package static let vipsExpired = LogEvent(
        "vips_expired",
        .warn,
        "VIPs withdrawn by the keeper, which heard no renewal in time",
        .history
    )
    package static let vipsNotAssigned = LogEvent(
        "vips_not_assigned",
        .error,
        "VIPs could not be assigned",
        [.history, .counted]
    )
    package static let vipsKept = LogEvent(
        "vips_kept",
        .error,
        "the VIPs stay here, since this node has given them up within the last minute",
        [.history, .counted]
    )
    package static let givingUp = LogEvent("giving_up", .warn, "giving leadership up", .history)
    package static let linkLost = LogEvent(
        "link_lost",
        .error,
        "this node should not hold the VIPs; another does where one can",
        [.history, .paced]
    )
    package static let linkRestored = LogEvent(
        "link_restored",
        .notice,
        "the links are good for the VIPs again",
        [.history, .paced]
    )
    package static let guaranteeBroken = LogEvent(
        "guarantee_broken",
        .error,
        "a broken guarantee: the VIPs were off later than the lease reckons with, and two nodes may have had them",
        .history
    )
}

/// The end of the keeper, which is that of the agent, too.
extension LogEvent {
    package static let keeperLost = LogEvent(
        "keeper_lost",
        .error,
        "the keeper is lost; the VIPs go by the kernel's lifetime",
        .history
    )
    package static let keeperLostFenced = LogEvent(
        "keeper_lost_fenced",
        .error,
        "the keeper is lost; the fence closes before the VIPs",
        .history
    )
    package static let keeperLostForGood = LogEvent(
        "keeper_lost_vips_stay",
        .error,
        "the keeper is lost, and the VIPs stay: kernel_lifetime is 0",
        .history
    )
    package static let vipsGone = LogEvent("vips_gone", .notice, "the kernel has none of the VIPs any more", .history)
    package static let fenceClosed = LogEvent(
        "fence_closed",
        .notice,
        "the fence before the VIPs has closed",
        .history
    )
}
