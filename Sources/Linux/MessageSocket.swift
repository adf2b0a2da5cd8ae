internal import CLinux
internal import Glibc

/// One end of a SOCK_SEQPACKET pair: whole messages between two of our processes.
///
/// However the other side goes (it closes, exits, is killed with or without messages unread), it is one case here:
/// `peerGone`, which `receive()` answers for ever after. After SIGKILL the kernel's order is ECONNRESET, the messages
/// queued before, end-of-file; nothing read after the first of them is obeyed.
package final class MessageSocket {
    package enum Received: Hashable, Sendable {
        case message([UInt8])
        /// Nothing is queued, and the socket does not block.
        case nothingYet
        case peerGone
    }

    package enum Sent: Hashable, Sendable {
        case sent
        /// The other side reads too slowly, and the socket does not block.
        case full
        case peerGone
    }

    /// For the event loop to watch.
    package let descriptor: FileDescriptor
    /// The longest message in either direction.
    package let limit: Int
    private var isPeerGone = false

    package init(_ descriptor: consuming FileDescriptor, limit: Int = 65_536) {
        self.descriptor = descriptor
        self.limit = limit
    }

    /// Two ends that hear each other.
    package static func pair(limits: (Int, Int) = (65_536, 65_536)) throws(Errno) -> (MessageSocket, MessageSocket) {
        let pair = try DescriptorPair.seqpacket()
        return (MessageSocket(pair.first, limit: limits.0), MessageSocket(pair.second, limit: limits.1))
    }

    package func setNonBlocking() throws(Errno) { try descriptor.setNonBlocking(true) }

    /// Throws `messageTooLong` for one beyond `limit`, which is lost.
    package func receive() throws(Errno) -> Received {
        if isPeerGone { return .peerGone }
        do throws(Errno) {
            let message = try next(flags: 0)
            // No message is empty (`send(_:)` sees to it), so this is end-of-file.
            if !message.isEmpty { return .message(message) }
        } catch {
            if error == .wouldBlock { return .nothingYet }
            if error != .connectionReset { throw error }
        }
        isPeerGone = true
        return .peerGone
    }

    /// What had been queued when the other side went: for the scribe, who writes down what a dead agent said last.
    package func receiveRemaining() -> [UInt8]? {
        guard let message = try? next(flags: Int32(MSG_DONTWAIT)), !message.isEmpty else { return nil }
        return message
    }

    /// Sends one message, which is never empty.
    package func send(_ message: [UInt8]) throws(Errno) -> Sent {
        precondition(!message.isEmpty, "an empty message reads as end-of-file")
        guard message.count <= limit else { throw .messageTooLong }
        let number = descriptor.rawValue
        do throws(Errno) {
            try retrying { unsafe Glibc.send(number, message, message.count, Int32(MSG_NOSIGNAL)) }
            return .sent
        } catch {
            if error == .wouldBlock { return .full }
            if error == .brokenPipe || error == .connectionReset { return .peerGone }
            throw error
        }
    }

    /// Tells the other side that nothing more comes; what is queued for it stays.
    package func shutDown() throws(Errno) {
        let number = descriptor.rawValue
        try retrying { Glibc.shutdown(number, Int32(SHUT_WR)) }
    }

    private func next(flags: Int32) throws(Errno) -> [UInt8] {
        let (number, capacity) = (descriptor.rawValue, limit)
        var buffer = [UInt8](repeating: 0, count: capacity)
        // With MSG_TRUNC the answer is the message's real length, however much fitted.
        let options = flags | Int32(MSG_TRUNC)
        let length = try retrying { unsafe Glibc.recv(number, &buffer, capacity, options) }
        guard length <= capacity else { throw .messageTooLong }
        return Array(buffer.prefix(length))
    }
}
