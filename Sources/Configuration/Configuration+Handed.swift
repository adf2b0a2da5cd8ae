package import Net

/// A whole configuration as a child hands it over: what is in its order here is in the same order there.
extension Configuration {
    package func encoded() -> [UInt8] {
        var bytes: [UInt8] = []
        bytes.hand(path, vipConf, node, cluster, groups, announce, hooks, logging, control, exporter)
        bytes.hand(kernelLifetime, whenNoneEligible, upDelay, isRealTime, fence)
        return bytes
    }

    package init(decoding bytes: [UInt8]) throws(Malformed) {
        var source = HandedSource(bytes)
        self.init(
            path: try source.next(),
            vipConf: try source.next(),
            node: try source.next(),
            cluster: try source.next(),
            groups: try source.next(),
            announce: try source.next(),
            hooks: try source.next(),
            logging: try source.next(),
            control: try source.next(),
            exporter: try source.next(),
            kernelLifetime: try source.next(),
            whenNoneEligible: try source.next(),
            upDelay: try source.next(),
            isRealTime: try source.next(),
            fence: try source.next()
        )
        try source.expectEnd()
    }
}

extension WhenNoneEligible: Handed {}
extension Exclusivity: Handed {}
extension FenceKind: Handed {}
extension HookEvent: Handed {}
extension Hook.FailurePolicy: Handed {}
extension LoggingSettings.Level: Handed {}
extension LoggingSettings.Format: Handed {}

extension NodeSettings: Handed {
    func write(to bytes: inout [UInt8]) { bytes.hand(id, raftAddress, dataDirectory, priority, isWitness) }

    init(from source: inout HandedSource) throws(Malformed) {
        self.init(
            id: try source.next(),
            raftAddress: try source.next(),
            dataDirectory: try source.next(),
            priority: try source.next(),
            isWitness: try source.next()
        )
    }
}

extension ClusterSettings: Handed {
    func write(to bytes: inout [UInt8]) { bytes.hand(nodes, secretFile, isInsecure, isSingle, timing, exclusivity) }

    init(from source: inout HandedSource) throws(Malformed) {
        self.init(
            nodes: try source.next(),
            secretFile: try source.next(),
            isInsecure: try source.next(),
            isSingle: try source.next(),
            timing: try source.next(),
            exclusivity: try source.next()
        )
    }
}

extension ClusterSettings.Node: Handed {
    func write(to bytes: inout [UInt8]) { bytes.hand(id, address) }

    init(from source: inout HandedSource) throws(Malformed) {
        self.init(id: try source.next(), address: try source.next())
    }
}

extension TimingSettings: Handed {
    func write(to bytes: inout [UInt8]) { bytes.hand(heartbeat, promise) }

    init(from source: inout HandedSource) throws(Malformed) {
        self.init(heartbeat: try source.next(), promise: try source.next())
    }
}

extension GroupSettings: Handed {
    func write(to bytes: inout [UInt8]) { bytes.hand(name, vips, trackedInterfaces, hooks) }

    init(from source: inout HandedSource) throws(Malformed) {
        self.init(
            name: try source.next(),
            vips: try source.next(),
            trackedInterfaces: try source.next(),
            hooks: try source.next()
        )
    }
}

extension VirtualAddress: Handed {
    func write(to bytes: inout [UInt8]) { bytes.hand(prefix, interface) }

    init(from source: inout HandedSource) throws(Malformed) {
        self.init(prefix: try source.next(), interface: try source.next())
    }
}

extension AnnounceSettings: Handed {
    func write(to bytes: inout [UInt8]) { bytes.hand(count, interval, refresh) }

    init(from source: inout HandedSource) throws(Malformed) {
        self.init(count: try source.next(), interval: try source.next(), refresh: try source.next())
    }
}

extension LoggingSettings: Handed {
    func write(to bytes: inout [UInt8]) { bytes.hand(level, format, output) }

    init(from source: inout HandedSource) throws(Malformed) {
        self.init(level: try source.next(), format: try source.next(), output: try source.next())
    }
}

extension ControlSettings: Handed {
    func write(to bytes: inout [UInt8]) { bytes.hand(socket, statusSocket) }

    init(from source: inout HandedSource) throws(Malformed) {
        self.init(socket: try source.next(), statusSocket: try source.next())
    }
}

extension ExporterSettings: Handed {
    func write(to bytes: inout [UInt8]) { bytes.hand(listen) }

    init(from source: inout HandedSource) throws(Malformed) { self.init(listen: try source.next()) }
}

// MARK: - Hooks

extension HookSettings: Handed {
    func write(to bytes: inout [UInt8]) {
        bytes.hand(isEnabled, hooks, debounce, cooldown, passedVariables, signature)
    }

    init(from source: inout HandedSource) throws(Malformed) {
        self.init(
            isEnabled: try source.next(),
            hooks: try source.next(),
            debounce: try source.next(),
            cooldown: try source.next(),
            passedVariables: try source.next(),
            signature: try source.next()
        )
    }
}

extension Hook: Handed {
    func write(to bytes: inout [UInt8]) { bytes.hand(command, arguments, timeout, onFailure, environment, sha256) }

    init(from source: inout HandedSource) throws(Malformed) {
        self.init(
            command: try source.next(),
            arguments: try source.next(),
            timeout: try source.next(),
            onFailure: try source.next(),
            environment: try source.next(),
            sha256: try source.next()
        )
    }
}

extension HookSignature: Handed {
    func write(to bytes: inout [UInt8]) { bytes.hand(file, keyFile) }

    init(from source: inout HandedSource) throws(Malformed) {
        self.init(file: try source.next(), keyFile: try source.next())
    }
}

extension EnvironmentVariable: Handed {
    func write(to bytes: inout [UInt8]) { bytes.hand(name, value) }

    init(from source: inout HandedSource) throws(Malformed) {
        self.init(name: try source.next(), value: try source.next())
    }
}
