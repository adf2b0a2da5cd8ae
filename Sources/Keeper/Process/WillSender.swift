import Linux
import Net

extension LastWill {
    /// Sends everything three times, for a datagram may be lost and one arrival is enough.
    ///
    /// From a socket of its own: the agent's is gone with it. Blocks for 6 ms, when nothing else is left to do.
    func send() {
        for round in 0..<3 {
            if round > 0 { Clock.sleep(for: .milliseconds(3)) }
            for (any, isFamily) in Self.families {
                let ours = datagrams.filter { isFamily($0.recipient.address.bitWidth) }
                guard !ours.isEmpty, let socket = try? UDPSocket(boundTo: Endpoint(address: any, port: 0)) else {
                    continue
                }
                // Nobody is left to hear of a failure.
                for datagram in ours { try? socket.send(datagram.bytes, to: datagram.recipient) }
            }
        }
    }

    private static let families: [(any: IPAddress, isFamily: @Sendable (Int) -> Bool)] = [
        (.v4(0), { $0 == 32 }), (.v6(0), { $0 == 128 }),
    ]
}
