import Linux
import Net

/// Answers each probe to the VIP with its number and this node's name, from the VIP, for as long as this host has it.
final class Responder {
    private let name: String
    private let socket: UDPSocket
    private let loop: EventLoop

    init(_ options: Options) throws {
        name = try options.required("name")
        socket = try UDPSocket(boundTo: try options.endpoint(), mayBeAbsent: true)
        loop = try EventLoop()
    }

    func run() throws {
        _ = try loop.watch(socket.descriptor) { [self] _ in
            while let probe = try? socket.receive(limit: 64) {
                try? socket.send(probe.bytes + Array(" \(name)".utf8), to: probe.source)
            }
        }
        try loop.run()
    }
}
