/// What the state of interfaces means for who holds the VIPs.
extension Reader {
    func links(_ top: inout Section, _ draft: inout Draft) {
        draft.trackedInterfaces = trackedInterfaces(top.field("track_interfaces"))
        draft.upDelay = top.field("up_delay").read(.duration(.zero ... .seconds(600)), default: draft.upDelay)
        draft.whenNoneEligible = top.field("when_none_eligible").read(.oneOf(WhenNoneEligible.self), default: .keep)
    }

    /// As many as the keeper takes of a group, where a group's own are added to those of all.
    private static var mostTracked: Int { 8 }

    func trackedInterfaces(_ field: Field) -> [String] {
        let items = field.list("a list of interfaces like [eth1]") ?? []
        if items.count > Self.mostTracked {
            ledger.error(
                at: field.path,
                "\(field.path) names \(items.count) interfaces; expected at most \(Self.mostTracked)"
            )
        }
        return items.compactMap { $0.read(.interface) }
    }
}
