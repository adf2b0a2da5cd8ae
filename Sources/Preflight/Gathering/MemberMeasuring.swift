internal import Doctor
internal import Elections
internal import Linux
internal import Net
internal import Raft
internal import Time

/// Sends probes to the members for a while and notes what comes back.
///
/// From ports of its own, which the kernel chooses: the agent of this node goes on undisturbed, and that of a member
/// only sends back what it gets.
struct MemberMeasuring {
    private final class Line {
        let socket: UDPSocket
        let member: ConfiguredNode
        var facts: MemberFacts
        /// When each probe that is still out was sent, and whether it was a long one.
        var out: [UInt64: (at: Instant, isLong: Bool)] = [:]

        init(_ member: ConfiguredNode, from address: IPAddress) throws(Errno) {
            self.member = member
            facts = MemberFacts(id: member.id.text, address: "\(member.endpoint)")
            socket = try UDPSocket(boundTo: Endpoint(address: address, port: 0))
            try socket.connect(to: member.endpoint)
        }
    }

    private var transport: ProbeTransport
    private var lines: [Line] = []
    private var failed: [MemberFacts] = []

    /// Twenty a second to each, every fifth of them as long as can be.
    private static let interval: Duration = .milliseconds(50)
    private static let longEvery = 5
    /// For what is still on its way at the end.
    private static let patience: Duration = .milliseconds(500)

    init(_ own: NodeID, at address: IPAddress, members: [ConfiguredNode], secrets: [ClusterSecret]) {
        transport = ProbeTransport(own, members: members, secrets: secrets, run: Random.uint128())
        for member in members where member.id != own {
            do throws(Errno) {
                lines.append(try Line(member, from: address))
            } catch {
                var facts = MemberFacts(id: member.id.text, address: "\(member.endpoint)")
                facts.failure = .unsent("\(error)")
                failed.append(facts)
            }
        }
    }

    mutating func run(for duration: Duration) -> [MemberFacts] {
        let start = Clock.now()
        var round = 0
        while Clock.now().longestElapsed(since: start) < duration, !lines.isEmpty {
            for line in lines { probe(line, isLong: round % Self.longEvery == Self.longEvery - 1) }
            round += 1
            wait(until: start + Self.interval * round)
        }
        wait(until: Clock.now() + Self.patience)
        return lines.map(\.facts) + failed
    }

    private mutating func probe(_ line: Line, isLong: Bool) {
        let length = isLong ? ProbeTransport.longest : ProbeTransport.shortest
        guard let probe = transport.probe(of: line.member.id, length: length) else { return }
        do throws(Errno) {
            line.out[probe.number] = (Clock.now(), isLong)
            try line.socket.send(probe.bytes, to: line.member.endpoint)
        } catch {
            note(error, on: line)
        }
        if isLong { line.facts.sentLong += 1 } else { line.facts.sent += 1 }
    }

    /// Listens on all of them; a millisecond's sleep between two looks is what the figures are good to when idle.
    private func wait(until end: Instant) {
        while true {
            for line in lines { receive(on: line) }
            let left = Deadline.timer(end).remaining(at: Clock.now())
            guard left > .zero else { return }
            let sockets = lines.filter { !$0.out.isEmpty }
            Poll.untilReadable(
                sockets.map { $0.socket.descriptor.rawValue },
                upTo: sockets.isEmpty ? left : min(left, .milliseconds(20))
            )
        }
    }

    private func receive(on line: Line) {
        for _ in 0..<64 {
            do throws(Errno) {
                guard let datagram = try line.socket.receive(limit: ProbeTransport.longest) else { return }
                guard let answer = transport.open(datagram.bytes), answer.member == line.member.id,
                    let sent = line.out.removeValue(forKey: answer.number)
                else { continue }
                line.facts.newestVersion = Int(answer.newestVersion)
                if sent.isLong {
                    line.facts.receivedLong += 1
                } else {
                    line.facts.roundTrips.append(Clock.now().longestElapsed(since: sent.at))
                }
            } catch {
                note(error, on: line)
                return
            }
        }
    }

    private func note(_ error: Errno, on line: Line) {
        line.facts.failure =
            switch error {
            case .connectionRefused: .refused
            case .hostUnreachable: .unreachable
            default: .unsent("\(error)")
            }
    }
}
