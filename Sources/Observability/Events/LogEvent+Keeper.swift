/// What the keeper sees on the interfaces and in the kernel.
extension LogEvent {
    package static let keeperRefused = LogEvent("keeper_refused", .error, "the keeper refused", .history)
    package static let requestRefused = LogEvent(
        "keeper_request_refused",
        .error,
        "the keeper refused a request",
        .counted
    )
    package static let leftoverRemoved = LogEvent(
        "leftover_removed",
        .notice,
        "a virtual IP that was left behind is off",
        [.history, .counted]
    )
    package static let vipPutBack = LogEvent(
        "vip_put_back",
        .warn,
        "a virtual IP is put back",
        [.history, .counted]
    )
    package static let vipContested = LogEvent(
        "vip_contested",
        .error,
        "a virtual IP is taken off again and again; it is put back more slowly now",
        [.history, .paced]
    )
    package static let vipCalm = LogEvent(
        "vip_calm",
        .notice,
        "nobody takes the virtual IPs off any more",
        [.history, .paced]
    )
    package static let strangerRemoved = LogEvent(
        "stranger_removed",
        .warn,
        "a virtual IP that is not held here is taken off",
        [.history, .counted]
    )
    package static let vipNotRemoved = LogEvent(
        "vip_not_removed",
        .error,
        "a virtual IP could not be taken off",
        [.history, .counted]
    )
    package static let addressesNotListed = LogEvent(
        "addresses_not_listed",
        .error,
        "the addresses could not be listed",
        [.history, .counted]
    )
    package static let rivalClaims = LogEvent(
        "rival_claims",
        .warn,
        "another machine claims a virtual IP that is held here",
        [.history, .counted]
    )
    package static let vipPutOnAnew = LogEvent(
        "vip_put_on_anew",
        .warn,
        "a virtual IP is put on anew, without duplicate detection",
        [.history, .counted]
    )
    package static let claimsUnheard = LogEvent(
        "claims_unheard",
        .error,
        "claims of other machines to virtual IPs are not heard",
        .counted
    )
    package static let notAnnounced = LogEvent(
        "vips_not_announced",
        .error,
        "virtual IPs could not be announced",
        [.history, .counted]
    )
}

/// The fence.
extension LogEvent {
    package static let fenceRestored = LogEvent(
        "fence_restored",
        .warn,
        "the rules of the fence were gone and are put back",
        [.history, .counted]
    )
    package static let fenceClosedEarly = LogEvent(
        "fence_closed_early",
        .warn,
        "the fence had closed before it was renewed",
        [.history, .counted]
    )
    package static let fenceNotRenewed = LogEvent(
        "fence_not_renewed",
        .error,
        "the fence could not be renewed",
        [.history, .counted]
    )
    package static let fenceNotChanged = LogEvent(
        "fence_not_changed",
        .error,
        "the fence could not be put up for other VIPs",
        .counted
    )
    package static let fenceNotClosed = LogEvent(
        "fence_not_closed",
        .error,
        "the fence could not be closed before its time",
        [.history, .counted]
    )
}
