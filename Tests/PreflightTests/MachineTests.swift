import Doctor
import Foundation
import Linux
import Net
import Testing

@testable import Preflight

/// A machine made of a few files.
private final class Made {
    let root: String

    init(_ files: [String: String]) throws {
        root = FileManager.default.temporaryDirectory.appending(path: "machine-\(getpid())-\(UUID().uuidString)").path
        for (path, text) in files {
            let file = URL(filePath: root + path)
            try FileManager.default.createDirectory(
                at: file.deletingLastPathComponent(),
                withIntermediateDirectories: true
            )
            try text.write(to: file, atomically: false, encoding: .utf8)
        }
    }

    deinit { try? FileManager.default.removeItem(atPath: root) }

    /// The files are there until it has told.
    func tell<Facts>(_ facts: (Machine) -> Facts) -> Facts {
        withExtendedLifetime(self) { facts(Machine(root: root)) }
    }
}

@Suite struct `A machine's files` {
    @Test func `tell the settings as the kernel takes them together`() throws {
        let conf = "/proc/sys/net/ipv4/conf"
        let made = try Made([
            "\(conf)/all/arp_ignore": "2\n", "\(conf)/eth0/arp_ignore": "1\n", "\(conf)/all/rp_filter": "0\n",
            "\(conf)/eth0/rp_filter": "2\n", "\(conf)/all/arp_filter": "0\n", "\(conf)/eth0/arp_filter": "1\n",
            "\(conf)/all/promote_secondaries": "0\n", "\(conf)/eth0/promote_secondaries": "0\n",
            "/proc/sys/net/ipv4/ip_nonlocal_bind": "1\n", "/proc/sys/net/ipv6/conf/eth0/accept_dad": "2\n",
        ])
        let settings = made.tell { $0.sysctls(of: "eth0") }
        #expect(settings.arpIgnore == 2)
        #expect(settings.reversePathFilter == 2)
        #expect(settings.filtersARP == true)
        #expect(settings.promotesSecondaries == false)
        #expect(settings.bindsNonLocal == true)
        #expect(settings.acceptDAD == 2)
        #expect(settings.arpAnnounce == nil)
    }

    @Test func `tell networkd's hand on an interface, and the last word of its drop-ins`() throws {
        let file = "/run/systemd/network/10-netplan-eth0.network"
        var files = [
            "/run/systemd/netif/links/7": "# private\nADMIN_STATE=configured\nNETWORK_FILE=\(file)\n",
            file: "[Match]\nName=eth0\n\n[Network]\nKeepConfiguration=static\n",
            "/etc/netplan/50-cloud-init.yaml": "network: {}\n",
        ]
        let facts = try Made(files).tell { $0.managers(of: "eth0", index: 7, running: ["systemd-network"]) }
        #expect(facts.networkd == .init(state: "configured", file: file, keepConfiguration: "static"))
        #expect(facts.generators == ["/etc/netplan/50-cloud-init.yaml"])
        files["/etc/systemd/network/10-netplan-eth0.network.d/vip-switch.conf"] = "[Network]\nKeepConfiguration=yes\n"
        let kept = try Made(files).tell { $0.managers(of: "eth0", index: 7, running: ["systemd-network"]) }
        #expect(kept.networkd?.keepConfiguration == "yes")
        let absent = try Made(files).tell { $0.managers(of: "eth0", index: 7, running: []) }
        #expect(absent.networkd == nil)
    }

    @Test(arguments: [("managed=true", true), ("managed=false", false)])
    func `tell NetworkManager's`(line: String, isManaged: Bool) throws {
        let made = try Made(["/run/NetworkManager/devices/7": "[device]\n\(line)\n"])
        let facts = made.tell { $0.managers(of: "eth0", index: 7, running: ["NetworkManager"]) }
        #expect(facts.isNetworkManagers == isManaged)
        #expect(!made.tell { $0.managers(of: "eth0", index: 8, running: ["NetworkManager"]) }.isNetworkManagers)
    }

    @Test func `tell ifupdown's`() throws {
        let made = try Made(["/etc/network/interfaces.d/eth0": "auto eth0\niface eth0 inet dhcp\n"])
        let path = "/etc/network/interfaces.d/eth0"
        #expect(made.tell { $0.managers(of: "eth0", index: 7, running: []) }.ifupdown == path)
        #expect(made.tell { $0.managers(of: "eth1", index: 8, running: []) }.ifupdown == nil)
    }

    @Test func `tell what it is made of`() throws {
        let made = try Made([
            "/sys/class/dmi/id/sys_vendor": "Amazon EC2\n", "/sys/class/dmi/id/product_name": "m5.large\n",
            "/proc/self/uid_map": "         0     100000      65536\n", "/proc/1/cgroup": "0::/docker/0123\n",
            "/sys/class/net/eth0/device": "",
        ])
        let platform = made.tell { $0.platform }
        #expect(platform.vendor == "Amazon EC2")
        #expect(platform.container == "docker")
        #expect(platform.isUserNamespace)
        #expect(made.tell { $0.isCard("eth0") })
        #expect(!made.tell { $0.isCard("br0") })
    }

    @Test func `tell who is a neighbour`() throws {
        let made = try Made([
            "/proc/net/arp": """
            IP address       HW type     Flags       HW address            Mask     Device
            192.0.2.12       0x1         0x2         02:00:00:00:00:0c     *        eth0
            192.0.2.13       0x1         0x0         00:00:00:00:00:00     *        eth0
            nonsense

            """
        ])
        let hardware = try #require(MACAddress(bytes: [2, 0, 0, 0, 0, 12]))
        let address = try #require(IPAddress("192.0.2.12"))
        #expect(made.tell { $0.neighbours } == [address: hardware])
    }

    @Test func `may all be missing`() throws {
        let made = try Made([:])
        #expect(made.tell { $0.sysctls(of: "eth0") } == InterfaceSysctls())
        #expect(
            made.tell { $0.managers(of: "eth0", index: 1, running: ["systemd-network", "NetworkManager"]) }
                == ManagerFacts()
        )
        #expect(made.tell { $0.platform } == PlatformFacts())
        #expect(made.tell { $0.neighbours } == [:])
    }
}

@Suite struct `What the privileged part is asked` {
    @Test func `comes back from its bytes, and nothing else does`() throws {
        let v4 = try #require(Prefix("192.0.2.10/32"))
        let v6 = try #require(Prefix("2001:db8::10/128"))
        let questions: [ProbeQuestion] = [
            .whoHas([]), .whoHas([.init(v4.address, on: InterfaceIndex(3)), .init(v6.address, on: InterfaceIndex(4))]),
            .tryAddress(v6, on: InterfaceIndex(7)), .baseChains,
        ]
        for question in questions { #expect(ProbeQuestion(decoding: question.encoded()) == question) }
        for length in 0..<questions[2].encoded().count {
            #expect(ProbeQuestion(decoding: Array(questions[2].encoded()[..<length])) == nil)
        }
        #expect(ProbeQuestion(decoding: [9]) == nil)
        let many = (0..<300).map { ProbeQuestion.Target(.v4(UInt32($0)), on: InterfaceIndex(1)) }
        #expect(ProbeQuestion(decoding: ProbeQuestion.whoHas(many).encoded()) == nil)
    }

    @Test func `is answered in bytes as well`() throws {
        let hardware = try #require(MACAddress(bytes: [2, 0, 0, 0, 0, 12]))
        let answers: [ProbeAnswer] = [
            .claims([:]), .claims([0: hardware, 255: hardware]), .passed, .notSeen, .chains(["input inet a/b"]),
            .failed("no"),
        ]
        for answer in answers { #expect(ProbeAnswer(decoding: answer.encoded()) == answer) }
        #expect(ProbeAnswer(decoding: []) == nil)
        #expect(ProbeAnswer(decoding: [1, 0]) == nil)
    }
}
