import Linux
import Net
import Time

/// The keeper's shell: hears the agent, the kernel and the clock, and does what `KeeperCore` decides.
final class KeeperProcess {
    private let loop: EventLoop
    private let directory: KeeperDirectory
    private let netlink: Netlink
    private let monitor: NetlinkMonitor
    private let announcer = Announcer()
    private let fence: Fence?
    private var core: KeeperCore
    private var links: [InterfaceIndex: Link] = [:]
    private var agent: AgentEnd?
    private var claims: ClaimWatch?
    private var reader: PlanReader?
    private var timer: EventLoop.TimerID?
    private var lateness = Lateness()
    private var isAnnouncingFailing = false
    /// Who changed an address last, so that a flush of thousands asks for one name.
    private var lastStranger: (port: PortID, process: String?)?

    /// Runs in the forked child until every VIP is off and nobody is left to serve.
    static func run(_ end: consuming FileDescriptor, _ loadPlan: @escaping () -> LoadedPlan?) -> Never {
        let socket = MessageSocket(end)
        guard (try? Capabilities.keepOnly([.netAdmin, .netRaw])) != nil, (try? Capabilities.setNonDumpable()) != nil,
            let loaded = load(loadPlan)
        else { HelperProcess.end(1) }
        if loaded.plan.isRealTime { _ = RealTime.enter() }
        do {
            let keeper = try KeeperProcess(loaded, loadPlan, socket)
            try keeper.loop.run()
        } catch {
            _ = try? socket.send(KeeperReport.refused("\(error)").encoded())
        }
        HelperProcess.end(1)
    }

    /// The configuration is parsed by a child without capabilities; what is wrong with it the agent tells.
    private static func load(_ loadPlan: () -> LoadedPlan?) -> LoadedPlan? {
        let bytes = try? UnprivilegedAnswer.ask(limit: LoadedPlan.limit) { loadPlan()?.encoded() }
        return bytes.flatMap { try? LoadedPlan(decoding: $0) }
    }

    private init(_ loaded: LoadedPlan, _ loadPlan: @escaping () -> LoadedPlan?, _ socket: MessageSocket) throws {
        let plan = loaded.plan
        loop = try EventLoop()
        // Before the first look, so that nothing changes unseen between the two.
        monitor = try NetlinkMonitor()
        let start = try KeeperStart(plan)
        directory = start.directory
        netlink = start.netlink
        fence = start.fence
        core = KeeperCore(plan, interfaces: start.interfaces.map(Interface.init))
        for link in start.interfaces { links[link.index] = link }
        agent = try AgentEnd(socket, on: loop) { [unowned self] in deliver($0) }
        _ = try loop.watch(monitor.descriptor) { [unowned self] _ in deliver(kernelEvents()) }
        reader = PlanReader(
            plan,
            directory,
            on: loop,
            load: loadPlan,
            objections: { [unowned self] in objections(to: $0) },
            report: { [unowned self] in agent?.send($0) }
        )
        watchClaims(plan)
        agent?.send(.prepared(loaded.digest, .first))
        tell(start.cleaned)
        // Before it may be asked for anything, the agent knows which links are good.
        deliver([.timeElapsed])
        agent?.send(.ready)
    }

    private func tell(_ cleaned: [Placement]) {
        for placement in cleaned {
            let fields: [KeeperNotice.Field] = [
                .init("vip", "\(placement.prefix)"), .init("interface", links[placement.interface]?.name ?? ""),
            ]
            agent?.send(.notice(KeeperNotice(.leftoverRemoved, fields)))
        }
    }
}

// MARK: - Deciding and acting

extension KeeperProcess {
    /// Applies events in order, and whatever follows from them.
    private func deliver(_ events: [KeeperEvent]) {
        var queue = events[...]
        while let event = queue.popFirst() {
            guard let event = followed(event) else { continue }
            for effect in core.step(event, at: Clock.now()) {
                guard case .perform(let command) = effect else {
                    act(effect)
                    continue
                }
                let answer = perform(command)
                // What the agent has said meanwhile is heard before the next command is chosen.
                queue += agent?.receive() ?? []
                // And what strangers have done, which is not to wait for the end of a thousand renewals. Not after a list,
                // for in a storm of events one list would follow the other for ever.
                if command != .dump { queue += kernelEvents() }
                queue.append(.answered(answer))
            }
        }
        arm()
    }

    private func act(_ effect: KeeperEffect) {
        switch effect {
        case .report(let report):
            // Who hears it may look for what is left.
            if report == .allOff { removeFence() }
            agent?.send(report)
            if report == .settled { reader?.writeRecord() }
        case .announce(let placements): announce(placements)
        case .send(let will): will.send()
        case .exit(let isClean): finish(isClean)
        case .perform: preconditionFailure("performed where it is answered")
        }
    }

    private func arm() {
        if let timer { loop.cancel(timer) }
        let now = Clock.now()
        timer = core.nextDeadline(at: now).map { deadline in
            loop.schedule(deadline) { [unowned self] in
                timer = nil
                if let late = lateness.note(deadline, armed: now, at: Clock.now()) { agent?.send(.late(late)) }
                deliver([.timeElapsed])
            }
        }
    }

    private func finish(_ isClean: Bool) -> Never {
        agent?.finish()
        // Kept where it cannot be written: the successor then looks for what is not there.
        if isClean {
            removeFence()
            try? directory.clearRecord()
        }
        HelperProcess.end(isClean ? 0 : 1)
    }
}

// MARK: - Another plan

extension KeeperProcess {
    /// What the core hears instead of a request that is about files; nil for nothing.
    private func followed(_ event: KeeperEvent) -> KeeperEvent? {
        switch event {
        case .requested(.prepare(let digest, let number)) where core.phase == .serving:
            reader?.prepare(digest, number)
            return nil
        case .requested(.forget):
            reader?.forget()
            return nil
        case .requested(.adopt(let number)) where core.phase == .serving:
            guard let plan = reader?.take(number) else { return nil }
            watchClaims(plan)
            return .planChanged(plan, links.values.map(Interface.init), number)
        default: return event
        }
    }

    private func watchClaims(_ plan: KeeperPlan) {
        claims?.close()
        claims = ClaimWatch(plan, on: loop) { [unowned self] heard in deliver(heard.map { .claimed($0, on: $1) }) }
        listenForClaims()
    }

    /// What speaks against a plan: all that would at a start, and what a start alone can change.
    private func objections(to plan: KeeperPlan) -> [String] {
        if core.transition != nil { return ["VIPs of the reload before are still to be taken off; try again"] }
        // Else the answer to the rules of the plan before could pass for one to this plan's.
        if core.fence?.owesRules == true { return ["rules of the fence are still to be changed; try again"] }
        let present = core.plan
        guard plan.dataDirectory == present.dataDirectory, plan.isFenced == present.isFenced,
            plan.isRealTime == present.isRealTime
        else { return ["node.data_dir, fence and realtime stay as they are until a restart"] }
        if plan.isFenced, fence == nil, !plan.groups.isEmpty {
            return ["there were no VIPs to put a fence before at the start; restart the agent"]
        }
        do throws(KeeperRefusal) {
            try KeeperStart.checkCapabilities(plan)
            let (_, site) = try KeeperStart.refusing { () throws(NetlinkError) in try netlink.site() }
            return StartCheck(plan: plan, site: site, record: directory.record(of: [present])).objections()
        } catch {
            return [error.description]
        }
    }
}

// MARK: - The kernel

extension KeeperProcess {
    /// Only when every VIP is off. What cannot be removed stays closed, and our successor or `release` finds it noted.
    private func removeFence() {
        if fence != nil { try? Fence.remove(from: directory) }
    }

    private func perform(_ command: KernelCommand) -> KernelAnswer {
        switch command {
        case .add(let placements): .performed(failures: netlink.add(placements, lifetime: lifetime))
        case .remove(let placements): .performed(failures: netlink.remove(placements))
        case .dump: dump()
        case .fence(let command): fence?.perform(command) ?? .failed("there is none")
        }
    }

    private var lifetime: AddressLifetime {
        core.plan.kernelLifetime == 0 ? .forever : .seconds(UInt32(core.plan.kernelLifetime))
    }

    private func dump() -> KernelAnswer {
        do throws(NetlinkError) {
            let all = try netlink.links()
            links = Dictionary(all.map { ($0.index, $0) }) { _, last in last }
            listenForClaims()
            return .dumped(try netlink.addresses().map(StandingAddress.init), all.map(Interface.init))
        } catch {
            return .failed("\(error)")
        }
    }

    private func kernelEvents() -> [KeeperEvent] {
        guard let events = try? monitor.receive() else { return [.eventsLost] }
        return events.flatMap(translated)
    }

    /// What the core hears of an event; our own changes are no news.
    private func translated(_ event: NetlinkEvent) -> [KeeperEvent] {
        switch event {
        case .addressSet(let address, let port):
            return author(at: port, of: address).map { [.addressSet(StandingAddress(address), by: $0)] } ?? []
        case .addressRemoved(let address, let port):
            let placement = StandingAddress(address).placement
            return author(at: port, of: address).map { [.addressRemoved(placement, by: $0)] } ?? []
        case .linkSet(let link):
            links[link.index] = link
            listenForClaims()
            let change = KeeperEvent.interfaceChanged(Interface(link))
            return link.asksForAnnouncement ? [change, .peersToBeNotified(link.index)] : [change]
        case .linkRemoved(let link):
            links[link.index] = nil
            listenForClaims()
            return [.interfaceGone(link.index)]
        case .overrun: return [.eventsLost]
        }
    }

    /// Without it VIPs are held and announced all the same.
    private func listenForClaims() {
        guard let failure = claims?.follow(links.values).first else { return }
        let fields = [KeeperNotice.Field("reason", "\(failure)")]
        agent?.send(.notice(KeeperNotice(.claimsUnheard, fields)))
    }

    /// Nil where it is no news: of our own doing, or of an address that is none of ours.
    private func author(at port: PortID?, of address: InterfaceAddress) -> Author? {
        guard core.kernel.owners[address.prefix.address] != nil, port != netlink.portID else { return nil }
        switch port {
        case nil: return .unknown
        case .kernel: return .kernel
        case let port?:
            if lastStranger?.port != port {
                lastStranger = (port, Int32(exactly: port.rawValue).flatMap { ProcessTable.Entry(pid: $0).name })
            }
            return .stranger(port, process: lastStranger?.process)
        }
    }

    /// Looks at the clock once more: a keeper that was frozen since the decision would tell the neighbours of an address
    /// that is another node's by now, and they would believe it until the next refresh.
    private func announce(_ placements: [Placement]) {
        let now = Clock.now()
        let held = placements.filter { core.isWanted($0, at: now) }
        for (owner, ours) in Dictionary(grouping: held, by: { core.kernel.owners[$0.prefix.address]?.group }) {
            guard let owner, let interface = ours.first?.interface, let link = links[interface] else { continue }
            let (frames, failure) = announcer.announce(ours.map(\.prefix.address), on: link)
            core.count(frames, of: owner, at: now)
            if let failure { tellAnnouncingFails(failure) } else { isAnnouncingFailing = false }
        }
    }

    private func tellAnnouncingFails(_ error: PacketError) {
        if isAnnouncingFailing { return }
        isAnnouncingFailing = true
        let fields = [KeeperNotice.Field("reason", "\(error)")]
        agent?.send(.notice(KeeperNotice(.notAnnounced, fields)))
    }
}
