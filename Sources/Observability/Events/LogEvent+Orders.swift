/// What an operator has made of this node.
extension LogEvent {
    package static let drained = LogEvent(
        "drained",
        .notice,
        "this node is drained: it gives its VIPs to another, and takes none",
        .history
    )
    package static let undrained = LogEvent(
        "undrained",
        .notice,
        "this node takes VIPs again when it is its turn",
        .history
    )
    package static let isDrained = LogEvent("is_drained", .warn, "this node is drained; `vip-switch undrain` ends that")
    package static let noMember = LogEvent(
        "no_member",
        .error,
        "this node is no member of the cluster any more: stop it, or have it taken in by `members add`",
        .history
    )
    package static let memberAgain = LogEvent(
        "member_again",
        .notice,
        "this node is a member of the cluster again",
        .history
    )
}
