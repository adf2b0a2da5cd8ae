internal import Time

/// How a member answers probes: datagrams of our own kind, which its agent sends back.
package struct MemberFacts: Hashable, Sendable {
    package var id: String
    package var address: String
    /// Short ones, as heartbeats are.
    package var sent = 0
    /// As long as any datagram gets.
    package var sentLong = 0
    package var receivedLong = 0
    package var roundTrips: [Duration] = []
    /// The newest version of datagrams that its release speaks.
    package var newestVersion: Int?
    /// What our own kernel said: `Connection refused` where its machine is up, and no agent.
    package var failure: Failure?

    package enum Failure: Hashable, Sendable {
        case refused
        /// Nobody answers for its address on the link, or a router says so.
        case unreachable
        /// Our own packet filter, routes or interface.
        case unsent(String)
    }

    package init(id: String, address: String) {
        (self.id, self.address) = (id, address)
    }

    package var median: Duration? { roundTrips.isEmpty ? nil : roundTrips.sorted()[roundTrips.count / 2] }
    /// All but one in a hundred took no longer: a single stall of this machine is not the network.
    package var usual: Duration? {
        roundTrips.isEmpty ? nil : roundTrips.sorted()[min(roundTrips.count - 1, roundTrips.count * 99 / 100)]
    }
    package var worst: Duration? { roundTrips.max() }
    /// The part of the short ones that did not come back.
    package var loss: Double { sent == 0 ? 0 : Double(sent - min(sent, roundTrips.count)) / Double(sent) }

    private static let muchLoss = 0.02
}

extension MemberFacts {
    var findings: [Finding] {
        guard sent > 0 || failure != nil else { return [] }
        guard let median, let worst else { return [mute] }
        let figures = "round trip \(readable(median)), \(readable(worst)) at worst, \(percent(loss)) lost"
        let reached: Finding =
            loss <= Self.muchLoss
            ? topic.ok("\(address): \(figures)")
            : topic.warning(
                "\(address): \(figures)",
                do: "look at cables, switches and the load of both machines: lost heartbeats cost the lease"
            )
        return [reached, longOnes].compactMap(\.self)
    }

    private var topic: Topic { Topic(.member, id) }

    private var mute: Finding {
        switch failure {
        case .refused?:
            topic.error("\(address): its machine is up, and no agent listens there", do: "start the agent on \(id)")
        case .unreachable?:
            topic.error(
                "\(address): nobody has that address: its machine is off, or not on this network",
                do: "look at \(id) and at what lies between; compare the address in cluster.nodes"
            )
        case .unsent(let reason)?:
            topic.error(
                "\(address): this machine cannot send there: \(reason)",
                do: "look at this machine's packet filter, its routes and its interface"
            )
        case nil:
            topic.error(
                "\(address): none of \(sent) probes was answered: it is down, UDP is filtered on the way, its key is another, or "
                    + "it does not know this node",
                do: "start the agent on \(id), open UDP, compare the keys; its status says what it refuses"
            )
        }
    }

    private var longOnes: Finding? {
        guard sentLong > 0, receivedLong == 0 else { return nil }
        return topic.warning(
            "\(address): short datagrams come back, and those of 1,200 bytes do not: the path has a smaller MTU",
            do: "set the same MTU along the path: a large membership or a snapshot would not arrive"
        )
    }

    private func percent(_ part: Double) -> String {
        let tenths = Int((part * 1000).rounded())
        return tenths == 0 && part > 0 ? "less than 0.1 %" : "\(tenths / 10).\(tenths % 10) %"
    }
}

/// With two significant units: `0.42 ms`, `12.3 ms`, `187 ms`, `3.2 s`.
func readable(_ duration: Duration) -> String {
    let microseconds = max(0, duration.nanoseconds) / 1000
    switch microseconds {
    case ..<10_000:
        let hundredths = microseconds / 10 % 100
        return "\(microseconds / 1000).\(hundredths < 10 ? "0" : "")\(hundredths) ms"
    case ..<100_000: return "\(microseconds / 1000).\(microseconds / 100 % 10) ms"
    case ..<1_000_000: return "\(microseconds / 1000) ms"
    default: return "\(microseconds / 1_000_000).\(microseconds / 100_000 % 10) s"
    }
}
