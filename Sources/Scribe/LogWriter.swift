package import Linux

/// The process that writes log lines to standard error or a file, so that neither a full disk nor a reader that stopped
/// reading holds up the agent or the scribe.
///
/// When the agent is gone it writes what is queued, which are the lines that tell why, and ends.
package enum LogWriter {
    /// The logger bounds what a field shows, so that no line of its making is longer.
    package static let longestLine = 64 * 1024
    static let messageLimit = longestLine + 1

    /// Forks the writer.
    /// - Parameter path: The file to append to, made with mode 0640; nil for standard error. It is opened once here, so
    ///   that the operator hears at once what is wrong with it.
    package static func start(to path: String?) throws(Errno) -> HelperProcess {
        if let path { _ = try AppendFile(path: path) }
        return try HelperProcess.start(name: "vip-log", limit: messageLimit) { end in
            serve(MessageSocket(end, limit: messageLimit), LogFile(path, complain: complain))
        }
    }

    /// Where somebody reads it: a full pipe is not waited for.
    private static func complain(_ words: String) {
        let priority = StandardStream.isJournal ? "<3>" : ""
        StandardStream.error.offer("\(priority)vip-switch: \(words)\n")
    }

    private static func serve(_ socket: MessageSocket, _ file: LogFile) -> Never {
        Scribe.dropPrivileges()
        while case .message(let message)? = try? socket.receive() {
            for answer in file.obey(message) { _ = try? socket.send(answer.bytes) }
        }
        while let message = socket.receiveRemaining() { _ = file.obey(message) }
        HelperProcess.end()
    }
}

extension LogFile {
    /// Carries out one request.
    func obey(_ message: [UInt8]) -> [LogAnswer] {
        switch message.first {
        case LogRequest.line: write(Array(message.dropFirst()))
        case LogRequest.reopen: reopen()
        case LogRequest.move:
            move(to: message.count > 1 ? String(decoding: message.dropFirst(), as: UTF8.self) : nil)
        default: []
        }
    }
}
