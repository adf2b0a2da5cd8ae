import Net

/// A configuration on its way: what could not be read is nil, so that the rules can look at the rest.
struct Draft {
    struct Node {
        /// `cluster.nodes[1]`
        var path: String
        var id: String?
        var address: Endpoint?
    }

    struct Group {
        var path: String
        var name: String?
        var vips: [VIP]
        var trackedInterfaces: [String] = []
        var hooks: [HookEvent: Hook] = [:]
    }

    struct VIP {
        /// Of the address.
        var path: String
        var prefix: Prefix?
        var interface: String?
    }

    var id: String?
    var raftAddress: Endpoint?
    var dataDirectory: String?
    var priority = 100
    var isWitness = false

    var nodes: [Node]?
    var secretFile: String?
    var isSecretGiven = false
    var isInsecure = false
    var isSingle = false
    var heartbeat: Duration?
    var promise: Duration?
    /// How many heartbeats a lease must span.
    var heartbeats = 3
    var exclusivity = Exclusivity.prompt

    var groups: [Group] = []
    var announce = AnnounceSettings(count: 3, interval: .milliseconds(200), refresh: .seconds(60))
    var hooks = HookSettings(isEnabled: true, hooks: [:])
    /// What a hook has where it says nothing else.
    var hookDefaults = Hook(command: "", arguments: [], timeout: .seconds(60), onFailure: .continue, environment: [])
    var logging = LoggingSettings(level: .info, format: .json, output: nil)
    var control = ControlSettings.standard
    var exporter = ExporterSettings.standard
    var kernelLifetime: Int?
    var trackedInterfaces: [String] = []
    var whenNoneEligible = WhenNoneEligible.keep
    var upDelay = Duration.seconds(1)
    var isRealTime = false
    var fence = FenceKind.none
}

extension Draft {
    var timing: TimingSettings? {
        guard let heartbeat, let promise else { return nil }
        return TimingSettings(heartbeat: heartbeat, promise: promise)
    }

    /// Nil only where a mistake has been reported.
    func configuration(of input: ConfigurationInput) -> Configuration? {
        guard let id, let raftAddress, let dataDirectory, let cluster = clusterSettings else { return nil }
        return Configuration(
            path: input.file.path,
            vipConf: input.vipConf?.path,
            node: NodeSettings(
                id: id,
                raftAddress: raftAddress,
                dataDirectory: dataDirectory,
                priority: UInt16(clamping: priority),
                isWitness: isWitness
            ),
            cluster: cluster,
            groups: groups.compactMap { $0.settings(tracking: trackedInterfaces) },
            announce: announce,
            hooks: hooks,
            logging: logging,
            control: control,
            exporter: exporter,
            kernelLifetime: kernelLifetime ?? defaultKernelLifetime,
            whenNoneEligible: whenNoneEligible,
            upDelay: upDelay,
            isRealTime: isRealTime,
            fence: fence
        )
    }

    private var clusterSettings: ClusterSettings? {
        guard let timing, let nodes else { return nil }
        return ClusterSettings(
            nodes: nodes.compactMap(\.settings),
            secretFile: secretFile,
            isInsecure: isInsecure,
            isSingle: isSingle,
            timing: timing,
            exclusivity: exclusivity
        )
    }

    /// The smallest whole second above the lease: an address that is renewed as long as the lease lasts, and no longer.
    /// With `strict` the lease in turn is shorter for a longer lifetime. Behind a fence nothing hangs on it, and each renewal
    /// is an event to everybody on this machine who listens. Many VIPs make each a load, and are renewed more rarely for it.
    var defaultKernelLifetime: Int {
        let shortest = max(fence == .none ? 1 : 10, addressCosts.shortestLifetime(share: refreshShare))
        guard let timing else { return shortest }
        return (shortest...shortest + 600).first { lifetime in
            timing.lease(reserving: reserve(kernelLifetime: lifetime)) < .seconds(lifetime)
        }
            ?? shortest + 600
    }

    /// What the lease leaves of the promise.
    func reserve(kernelLifetime: Int) -> Duration {
        TimingSettings.reserve(withdrawal: addressCosts.withdrawal, exclusivity, fence, kernelLifetime: kernelLifetime)
    }

    /// Without a fence a longer lifetime is paid for with a longer promise in `strict`.
    var refreshShare: AddressCosts.Share { exclusivity == .strict && fence == .none ? .tight : .unnoticed }

    var addressCosts: AddressCosts {
        let prefixes = groups.lazy.flatMap(\.vips).compactMap(\.prefix)
        let v6 = prefixes.count { $0.address.bitWidth == 128 }
        return AddressCosts(v4: groups.reduce(0) { $0 + $1.vips.count } - v6, v6: v6)
    }
}

extension Draft.Node {
    fileprivate var settings: ClusterSettings.Node? {
        guard let id, let address else { return nil }
        return ClusterSettings.Node(id: id, address: address)
    }
}

extension Draft.Group {
    fileprivate func settings(tracking others: [String]) -> GroupSettings? {
        guard let name else { return nil }
        let addresses = vips.compactMap { vip in
            if let prefix = vip.prefix, let interface = vip.interface {
                VirtualAddress(prefix: prefix, interface: interface)
            } else {
                nil
            }
        }
        let own = others.filter { !trackedInterfaces.contains($0) }
        return GroupSettings(
            name: name,
            vips: addresses,
            trackedInterfaces: trackedInterfaces + own,
            hooks: hooks
        )
    }
}
