import Net

/// The interface of a group, for those of its VIPs that name none.
private struct GroupInterface {
    var isGiven = false
    var name: String?
}

extension Reader {
    /// `vips:`, `groups:` or the `vip.conf` beside the file; without any the agent elects and runs hooks.
    func addresses(vips: Field, groups: Field, _ draft: inout Draft) {
        if vips.isGiven, groups.isGiven {
            ledger.error(at: groups.path, "both vips and groups are given; expected one of them")
        }
        if groups.isGiven {
            let items = groups.list("a list of {name: …, interface: …, vips: …}") ?? []
            draft.groups = items.map { group($0, draft) }
        } else if vips.isGiven {
            let items = vips.list("a list of {address: …, interface: …}") ?? []
            draft.groups = [defaultGroup(items.map { vip($0, of: GroupInterface()) })]
        } else if let file = input.vipConf {
            let conf = VIPConf.read(file, resolving: ledger.resolve)
            ledger.absorb(conf.ledger)
            draft.groups = [defaultGroup([conf.vip])]
            draft.announce.count = conf.count ?? draft.announce.count
            draft.announce.interval = conf.interval ?? draft.announce.interval
        }
    }

    private func defaultGroup(_ vips: [Draft.VIP]) -> Draft.Group {
        Draft.Group(path: "vips", name: "default", vips: vips)
    }

    private func group(_ field: Field, _ draft: Draft) -> Draft.Group {
        guard var section = field.section("{name: …, interface: …, vips: …}") else {
            return Draft.Group(path: field.path, name: nil, vips: [])
        }
        let name = section.field("name").require(.name)
        let interface = section.field("interface")
        let shared = GroupInterface(isGiven: interface.isGiven, name: interface.read(.interface))
        let words = "a list of addresses, or of {address: …, interface: …}"
        let vips = section.field("vips")
        if !vips.isGiven { ledger.error(at: vips.path, "\(vips.path) is missing; expected \(words)") }
        let items = vips.list(words)
        if items?.isEmpty == true { ledger.error(at: vips.path, "\(vips.path) is an empty list; expected \(words)") }
        let tracked = trackedInterfaces(section.field("track_interfaces"))
        let hooks = section.field("hooks")
        let own = hooks.isGiven ? groupHooks(hooks, draft) : [:]
        for key in ["checks", "election", "when_none_eligible"] { section.refuse(key) }
        section.finish()
        return Draft.Group(
            path: field.path,
            name: name,
            vips: (items ?? []).map { vip($0, of: shared) },
            trackedInterfaces: tracked,
            hooks: own
        )
    }

    /// An address alone, on the interface of its group, or a mapping with an interface of its own.
    private func vip(_ field: Field, of group: GroupInterface) -> Draft.VIP {
        if field.isScalar, group.isGiven {
            return Draft.VIP(path: field.path, prefix: field.read(prefix), interface: group.name)
        }
        guard var section = field.section("{address: 192.168.1.100/32, interface: eth0}") else {
            return Draft.VIP(path: field.path, prefix: nil, interface: nil)
        }
        let address = section.field("address")
        let own = section.field("interface")
        let vip = Draft.VIP(
            path: address.path,
            prefix: address.require(prefix),
            interface: own.isGiven || !group.isGiven ? own.require(.interface) : group.name
        )
        section.finish()
        return vip
    }

    private var prefix: Form<Prefix> { .prefix(resolving: ledger.resolve) }

    func announce(_ field: Field, _ draft: inout Draft) {
        guard var section = field.section("count, interval and refresh") else { return }
        let given = draft.announce
        draft.announce.count = section.field("count").read(.number(1...20), default: given.count)
        draft.announce.interval = section.field("interval").read(.announceInterval, default: given.interval)
        draft.announce.refresh = section.field("refresh").read(.announceRefresh, default: given.refresh)
        section.finish()
    }
}

extension Form where Value == Duration {
    static var announceInterval: Form { .duration(.milliseconds(10) ... .seconds(10)) }

    /// The keeper takes none that is shorter.
    fileprivate static var announceRefresh: Form {
        let seconds = Form.duration(.seconds(1) ... .seconds(86400))
        return Form("0, or \(seconds.words)", meant: seconds.meant) { text in
            let duration = Form.duration(.zero ... .seconds(86400)).parse(text)
            return duration == .zero ? .zero : seconds.parse(text)
        }
    }
}
