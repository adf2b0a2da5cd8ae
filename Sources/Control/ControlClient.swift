import Linux
import Time

/// Asks an agent; for commands, since it waits.
package enum ControlClient {
    /// 10,000 VIPs take some 700 kB.
    private static let longestAnswer = 4 << 20

    /// Sends one line and returns the document that comes back.
    package static func ask(
        _ request: String,
        at path: String,
        waitingUpTo bound: Duration = .seconds(3)
    ) throws(ControlError) -> String {
        do throws(Errno) {
            let end = Clock.now() + bound
            let socket = try connect(to: path, before: end)
            // One line fits into any socket buffer.
            _ = try socket.send(Array((request + "\n").utf8))
            return try document(from: socket, before: end)
        } catch {
            throw ControlError(asking: path, error)
        }
    }

    /// Waits for its turn where many want the agent's attention.
    private static func connect(to path: String, before end: Instant) throws(Errno) -> FileDescriptor {
        while true {
            do throws(Errno) {
                return try UnixSocket.connect(to: path)
            } catch .wouldBlock {
                guard !Deadline.timer(end).hasPassed(at: Clock.now()) else { throw .timedOut }
                Clock.sleep(for: pause)
            }
        }
    }

    private static let pause: Duration = .milliseconds(5)

    private static func document(from socket: borrowing FileDescriptor, before end: Instant) throws(Errno) -> String {
        var bytes: [UInt8] = []
        while true {
            do throws(Errno) {
                let more = try socket.read(upTo: 65536)
                // The agent closes when all is said; the line end tells a whole answer from one cut short.
                if more.isEmpty { break }
                bytes += more
                guard bytes.count <= longestAnswer else { throw .messageTooLong }
            } catch .wouldBlock {
                let left = Deadline.timer(end).remaining(at: Clock.now())
                guard left > .zero else { throw .timedOut }
                try socket.waitUntilReadable(upTo: left)
            }
        }
        guard bytes.last == UInt8(ascii: "\n") else { throw .connectionReset }
        return String(decoding: bytes.dropLast(), as: UTF8.self)
    }
}
