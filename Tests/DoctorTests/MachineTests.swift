import Doctor
import Testing
import Time

@Suite struct `A program's privileges` {
    private func found(agentRuns: Bool = false, _ change: (inout PrivilegeFacts) -> Void) -> [Finding] {
        var facts = PrivilegeFacts(user: "vip", program: "/usr/bin/vip-switch")
        change(&facts)
        return findings {
            $0.privileges = facts
            if agentRuns { $0.agent = agent }
        }
    }

    @Test func `are well with the two capabilities`() {
        let found = found { $0.effective = [.netAdmin, .netRaw] }
        #expect(found.lines(.capabilities) == ["ok CAP_NET_ADMIN and CAP_NET_RAW are effective: as vip"])
    }

    static let obstacles: [(String, @Sendable (inout PrivilegeFacts) -> Void)] = [
        ("and /usr/bin/vip-switch grants none", { _ in }),
        ("the bounding set withholds them", { $0.bounding = [] }),
        (
            "no_new_privs is set",
            {
                $0.ofFile = [.netAdmin, .netRaw]
                $0.isBarred = true
            }
        ),
        (
            "mounted nosuid",
            {
                $0.ofFile = [.netAdmin, .netRaw]
                $0.isNoSuid = true
            }
        ),
        ("though /usr/bin/vip-switch grants them", { $0.ofFile = [.netAdmin, .netRaw] }),
    ]

    @Test(arguments: obstacles.indices) func `that are missing are told with what stands in the way`(index: Int) {
        let (words, change) = Self.obstacles[index]
        let found = found(change)
        #expect(found.worst(.capabilities) == .error)
        #expect(found.lines(.capabilities)[0].contains(words))
    }

    @Test func `may be half there`() {
        let found = found { $0.effective = [.netAdmin] }
        #expect(found.lines(.capabilities)[0].hasPrefix("error CAP_NET_RAW is not effective for vip"))
    }

    @Test func `that only this command lacks are a warning`() {
        #expect(found(agentRuns: true) { _ in }.worst(.capabilities) == .warning)
    }

    @Test func `of root hide what another user cannot read`() {
        let found = found {
            $0.effective = [.netAdmin, .netRaw]
            $0.isRoot = true
            $0.otherOwner = "vip"
        }
        #expect(found.worst(.user) == .warning)
    }
}

@Suite struct `A clock` {
    private func found(_ change: (inout ClockFacts) -> Void) -> [Finding] {
        var facts = ClockFacts()
        (facts.source, facts.isSynchronized, facts.correction, facts.suspensions) = ("tsc", true, 12, 0)
        change(&facts)
        return findings { $0.clock = facts }
    }

    @Test func `is well`() { #expect(found { _ in }.allSatisfy { $0.severity == .ok }) }
    @Test func `may come from a poor source`() { #expect(found { $0.source = "acpi_pm" }.worst(.clock) == .warning) }
    @Test func `may be wrong by the wall`() { #expect(found { $0.isSynchronized = false }.worst(.clock) == .warning) }
    @Test func `may run at another rate`() {
        #expect(found { $0.correction = -1500 }.worst(.clock) == .error)
        #expect(found { $0.correction = 400 }.worst(.clock) == .ok)
    }
    @Test func `may have slept`() { #expect(found { $0.suspensions = 3 }.worst(.suspend) == .warning) }
    @Test func `may tell nothing`() {
        #expect(findings { $0.clock = ClockFacts() }.filter { $0.check == .clock } == [])
    }
}

@Suite struct `A disk` {
    private func found(_ change: (inout DiskFacts) -> Void) -> [Finding] {
        var facts = DiskFacts(directory: "/d")
        facts.writes = Array(repeating: .microseconds(150), count: 49) + [.milliseconds(4)]
        (facts.freeBytes, facts.freeInodes) = (1 << 30, 100_000)
        change(&facts)
        return findings { $0.disk = facts }
    }

    @Test func `is well, with figures`() {
        #expect(
            found { _ in }.map(\.why) == ["50 durable writes took 0.15 ms, 4.00 ms at worst", "1024 MiB are free"]
        )
    }

    @Test func `may be slow, once or always`() {
        #expect(found { $0.writes.append(.milliseconds(300)) }.worst(.disk) == .warning)
        #expect(found { $0.writes = Array(repeating: .milliseconds(20), count: 50) }.worst(.disk) == .warning)
    }

    @Test func `may be full, and then says what to do about that`() {
        let found = found {
            $0.failure = "No space left on device"
            $0.freeBytes = 0
            $0.writes = []
        }
        #expect(
            found.lines(.disk)
                == ["error /d: a durable write fails: No space left on device -> make room on its file system"]
        )
        #expect(found.worst(.space) == .warning)
    }

    @Test func `may be out of inodes`() { #expect(found { $0.freeInodes = 3 }.worst(.space) == .warning) }
    @Test func `may have no number of inodes`() { #expect(found { $0.freeInodes = nil }.worst(.space) == .ok) }
    @Test func `may be read-only`() { #expect(found { $0.isReadOnly = true }.worst(.disk) == .error) }
    @Test func `may refuse us`() { #expect(found { $0.failure = "Permission denied" }.worst(.disk) == .error) }
    @Test func `may forget`() {
        for kind in [DiskFacts.FileSystem.tmpfs, .overlay, .nfs] {
            #expect(found { $0.fileSystem = kind }.worst(.disk) == .warning)
        }
    }
    @Test func `may still have to be made`() { #expect(found { $0.exists = false }.map(\.severity) == [.ok]) }
}

@Suite struct `A machine` {
    private func found(
        on interface: InterfaceFacts? = interface("192.0.2.10/32"),
        _ change: (inout PlatformFacts) -> Void
    )
        -> [Finding]
    {
        var platform = PlatformFacts()
        change(&platform)
        return findings {
            $0.platform = platform
            $0.interfaces = [interface].compactMap(\.self)
        }
    }

    static let clouds: [(String, Finding.Severity, @Sendable (inout PlatformFacts) -> Void)] = [
        ("Amazon EC2", .error, { $0.vendor = "Amazon EC2" }),
        (
            "Amazon EC2", .error,
            {
                $0.vendor = "Xen"
                $0.biosVersion = "4.11.amazon"
            }
        ),
        ("Google Compute Engine", .error, { $0.product = "Google Compute Engine" }),
        (
            "Microsoft Azure", .error,
            {
                $0.vendor = "Microsoft Corporation"
                $0.product = "Virtual Machine"
                $0.assetTag = "7783-7084-3265-9085-8269-3286-77"
            }
        ),
        (
            "Hyper-V", .ok,
            {
                $0.vendor = "Microsoft Corporation"
                $0.product = "Virtual Machine"
            }
        ),
        (
            "Hetzner Cloud", .error,
            {
                $0.vendor = "Hetzner"
                $0.product = "vServer"
            }
        ),
        ("DigitalOcean", .error, { $0.vendor = "DigitalOcean" }),
        ("Oracle Cloud", .error, { $0.assetTag = "OracleCloud.com" }),
        (
            "OpenStack", .warning,
            {
                $0.vendor = "OpenStack Foundation"
                $0.product = "OpenStack Nova"
            }
        ),
        ("QEMU or KVM", .ok, { $0.vendor = "QEMU" }),
        ("VMware", .ok, { $0.vendor = "VMware, Inc." }),
        (
            "Dell Inc. PowerEdge R640", .ok,
            {
                $0.vendor = "Dell Inc."
                $0.product = "PowerEdge R640"
            }
        ),
    ]

    @Test(arguments: clouds.indices) func `may be in a cloud that hears no ARP`(index: Int) {
        let (name, severity, change) = Self.clouds[index]
        let found = found(change).filter { $0.check == .platform }
        #expect(found.map(\.subject) == [name])
        #expect(found.map(\.severity) == [severity])
    }

    @Test func `may have its VIPs on a network of its own in such a cloud`() {
        let tunnel = interface("192.0.2.10/32") { $0.isCard = false }
        #expect(found(on: tunnel) { $0.vendor = "Amazon EC2" }.worst(.platform) == .ok)
    }

    @Test func `may tell nothing about itself`() {
        #expect(found { _ in }.filter { $0.check == .platform || $0.check == .container } == [])
    }

    @Test func `may be a container`() {
        #expect(found { $0.container = "docker" }.worst(.container) == .warning)
        #expect(found { $0.isUserNamespace = true }.worst(.container) == .warning)
    }

    @Test func `may have limits below what realtime takes`() {
        let tight = LimitFacts(isWanted: true, mayLockMemory: false, highestPriority: 0, neededPriority: 10)
        #expect(findings { $0.limits = tight }.map(\.subject) == ["RLIMIT_RTPRIO", "RLIMIT_MEMLOCK"])
        let wide = LimitFacts(isWanted: true, mayLockMemory: true, highestPriority: nil, neededPriority: 10)
        #expect(findings { $0.limits = wide }.map(\.severity) == [.ok])
        let unasked = LimitFacts(isWanted: false, mayLockMemory: false, highestPriority: 0, neededPriority: 10)
        #expect(findings { $0.limits = unasked } == [])
    }

    @Test func `may drop by the policy of a chain`() {
        let open = FirewallFacts(droppingInput: [], droppingOutput: [])
        #expect(findings { $0.firewall = open }.worst(.firewall) == .ok)
        let shut = FirewallFacts(droppingInput: ["inet filter/input"], droppingOutput: ["ip filter/OUTPUT"])
        let found = findings {
            $0.firewall = shut
            $0.port = PortFacts(address: "192.0.2.1:8000", port: 8000, outcome: .free)
        }
        #expect(found.filter { $0.check == .firewall }.map(\.severity) == [.warning, .warning])
        #expect(
            found.first { $0.check == .firewall }?.advice
                == "for example: nft add rule inet filter input udp dport 8000 accept"
        )
    }

    @Test(arguments: [
        (PortFacts.Outcome.free, false, Finding.Severity.ok), (.free, true, .warning), (.inUse, true, .ok),
        (.inUse, false, .error), (.noAddress, false, .error), (.failed("no"), false, .error),
    ]) func `may have the nodes' port taken`(outcome: PortFacts.Outcome, agentRuns: Bool, severity: Finding.Severity) {
        let found = findings {
            $0.port = PortFacts(address: "192.0.2.1:7946", port: 7946, outcome: outcome)
            if agentRuns { $0.agent = agent }
        }
        #expect(found.worst(.port) == severity)
    }
}
