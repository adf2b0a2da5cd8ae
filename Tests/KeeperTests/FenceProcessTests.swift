import Foundation
import Linux
import Net
import Raft
import Testing
import Time

@testable import Keeper

private let term = Term(3)
private let vips = [IPAddress("192.0.2.10"), IPAddress("2001:db8::10")].compactMap(\.self)
private let hasNft = FileManager.default.isExecutableFile(atPath: "/usr/sbin/nft")

/// A socket of the namespace that it is made in.
private final class Letterbox {
    let socket: UDPSocket
    init(_ any: IPAddress) throws { socket = try UDPSocket(boundTo: Endpoint(address: any, port: 0)) }
}

extension Lab {
    fileprivate var fencedPlan: KeeperPlan {
        var plan = plan
        plan.isFenced = true
        plan.kernelLifetime = 600
        plan.longestLease = .seconds(3600)
        return plan
    }

    fileprivate func ruleset() throws -> String { try here.run { try run("nft list ruleset") } }

    fileprivate func tables() throws -> [Substring] {
        try here.run { try run("nft list tables") }.split(separator: "\n")
    }

    /// Whether a datagram of the other machine to the VIP comes in here within a second.
    fileprivate func isReached(_ vip: IPAddress) throws -> Bool {
        let any: IPAddress = vip.bitWidth == 32 ? .v4(0) : .v6(0)
        let receiver = try here.run { try Letterbox(any) }
        let port = try receiver.socket.localEndpoint().port
        let sender = try there.run { try Letterbox(any) }
        for _ in 0..<50 {
            try? sender.socket.send([1], to: Endpoint(address: vip, port: port))
            if try receiver.socket.receive(limit: 10) != nil { return true }
            usleep(20_000)
        }
        return false
    }

    /// Whether a machine that has never heard of the VIP learns who has it.
    fileprivate func isFound(_ vip: IPAddress) throws -> Bool {
        try there.run { try ip("neigh flush dev eth0") }
        _ = try isReached(vip)
        return try neighbour("\(vip)") != ""
    }
}

@Suite(.enabled(if: isRoot && hasNft)) struct `A keeper process with a fence` {
    private func holding(_ interval: Duration, in lab: Lab) throws -> FakeAgent {
        let agent = try FakeAgent(in: lab, lab.fencedPlan)
        #expect(try agent.report() == .ready)
        try hold(interval, agent)
        return agent
    }

    private func hold(_ interval: Duration, _ agent: FakeAgent) throws {
        try agent.send(
            .will(LastWill(term: term, datagrams: [])),
            .hold(group: "web", term, until: Clock.now() + interval)
        )
        #expect(try agent.report() == .held(group: "web", term, failures: nil))
    }

    @Test func `is reached while it holds`() throws {
        let lab = try Lab()
        let agent = try holding(.seconds(3000), in: lab)
        for vip in vips {
            #expect(try lab.isReached(vip), "\(vip)")
            #expect(try lab.isFound(vip), "\(vip)")
        }
        withExtendedLifetime(agent) {}
    }

    @Test func `is not reached, nor found, when it is frozen beyond the end`() throws {
        let lab = try Lab()
        let agent = try holding(.seconds(3000), in: lab)
        for vip in vips { #expect(try lab.isReached(vip), "\(vip)") }
        try hold(.milliseconds(500), agent)
        kill(agent.keeperPID, SIGSTOP)
        usleep(550_000)
        #expect(try lab.addresses().count == 2)
        for vip in vips {
            #expect(try !lab.isReached(vip), "\(vip)")
            #expect(try !lab.isFound(vip), "\(vip)")
        }
        // Not the machine's own address.
        #expect(try lab.isReached(.v4(0xc000_0201)))
        kill(agent.keeperPID, SIGCONT)
        #expect(try eventually { try lab.addresses().isEmpty })
    }

    @Test func `leaves no table when it stops`() throws {
        let lab = try Lab()
        let agent = try holding(.seconds(3000), in: lab)
        #expect(try lab.tables().count == 2)
        try agent.send(.stop)
        #expect(try agent.report() == .allOff)
        #expect(try lab.tables() == [])
        #expect(eventually { !agent.isKeeperAlive })
        #expect(!FileManager.default.fileExists(atPath: "\(lab.folder)/fence"))
    }

    @Test func `leaves no table when its agent is killed`() throws {
        let lab = try Lab()
        let agent = try holding(.seconds(3000), in: lab)
        try agent.die()
        #expect(eventually { !agent.isKeeperAlive })
        #expect(try lab.tables() == [])
    }

    @Test func `leaves a fence that closes by itself when it is killed, and the next one takes it over`() throws {
        let lab = try Lab()
        let agent = try holding(.milliseconds(700), in: lab)
        kill(agent.keeperPID, SIGKILL)
        #expect(eventually { !agent.isKeeperAlive })
        #expect(try lab.addresses().count == 2)
        #expect(try eventually { try !lab.ruleset().contains("expires") })
        let successor = try FakeAgent(in: lab, lab.fencedPlan)
        #expect(try successor.report() == .ready)
        #expect(try lab.addresses() == [])
        #expect(try lab.tables().count == 2)
        try hold(.seconds(3000), successor)
        for vip in vips { #expect(try lab.isReached(vip), "\(vip)") }
    }

    @Test func `removes what is left of one when it is to have none`() throws {
        let lab = try Lab()
        let agent = try holding(.milliseconds(700), in: lab)
        kill(agent.keeperPID, SIGKILL)
        #expect(eventually { !agent.isKeeperAlive })
        let successor = try FakeAgent(in: lab, lab.plan)
        #expect(try successor.report() == .ready)
        #expect(try lab.tables() == [])
        withExtendedLifetime(successor) {}
    }

    @Test func `is cleaned up after by release`() throws {
        let lab = try Lab()
        let agent = try holding(.seconds(3000), in: lab)
        kill(agent.keeperPID, SIGKILL)
        #expect(eventually { !agent.isKeeperAlive })
        let leftovers = try lab.here.run { try releaseLeftovers(lab.fencedPlan) }
        #expect(leftovers.count == 2)
        #expect(try lab.addresses() == [])
        #expect(try lab.tables() == [])
    }

    @Test(arguments: ["flush ruleset", "flush table inet", "delete table arp"])
    func `puts back what others remove, at the next hold`(command: String) throws {
        let lab = try Lab()
        let agent = try holding(.seconds(3000), in: lab)
        let name = try #require(lab.tables().first?.split(separator: " ").last)
        try lab.here.run { try run("nft \(command) \(command.contains("table") ? name : "")") }
        try agent.send(.hold(group: "web", term, until: Clock.now() + .seconds(2000)))
        var reports: [KeeperReport] = []
        while let report = try agent.anyReport() {
            reports.append(report)
            if report.noticed == nil { break }
        }
        #expect(reports.compactMap(\.noticed) == [.fenceRestored])
        #expect(reports.last == .held(group: "web", term, failures: nil))
        #expect(try lab.tables().count == 2)
        #expect(try lab.ruleset().contains("ip daddr vmap @vips4"))
        for vip in vips { #expect(try lab.isReached(vip), "\(vip)") }
    }

    @Test func `forwards what is not for this machine`() throws {
        let lab = try Lab()
        let agent = try FakeAgent(in: lab, lab.fencedPlan)
        #expect(try agent.report() == .ready)
        // The VIP is the other machine's, and reaches it from here though the gate is closed.
        try lab.there.run { try ip("address add 192.0.2.10/32 dev eth0") }
        let receiver = try lab.there.run { try Letterbox(.v4(0)) }
        let sender = try lab.here.run { try Letterbox(.v4(0)) }
        let port = try receiver.socket.localEndpoint().port
        let isReached = try eventually {
            try? sender.socket.send([1], to: Endpoint(address: .v4(0xc000_020a), port: port))
            guard let datagram = try receiver.socket.receive(limit: 10) else { return false }
            try? receiver.socket.send([2], to: datagram.source)
            return true
        }
        #expect(isReached)
        #expect(try eventually { try sender.socket.receive(limit: 10) != nil })
        withExtendedLifetime(agent) {}
    }

}
