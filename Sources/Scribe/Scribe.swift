package import Linux

/// The process that does the durable writes, so that a hung fsync(2) blocks neither a heartbeat nor the agent's death.
///
/// It simply blocks: a request is read, persisted, answered. Log lines have a process of their own (`LogWriter`), for
/// the same reason: a vote must not wait behind a line that a hung file system or a full pipe does not take.
///
/// When the agent is gone, what it had handed over is still persisted. That is safe (a vote on disk that was never sent
/// binds only ourselves), and its own lock keeps the next run away meanwhile (`ScribeLock`).
package enum Scribe {
    /// The largest record; the kernel's default socket buffer holds one of this size.
    package static let largestRecord = 128 * 1024
    static let messageLimit = largestRecord + 16

    /// Forks the scribe.
    /// - Parameter folder: Where its lock lies, beside what it writes.
    /// - Parameter isRealTime: Whether an election's writes go before what other programs do.
    /// - Parameter persist: Runs in the scribe, where no descriptor of the agent is open: it opens the files itself. It
    ///   returns how long the device took to sync. Once it has thrown, it is not called again.
    /// - Parameter settle: What is done with time to spare: once before the first request, and when an answer has left.
    package static func start(
        in folder: String,
        isRealTime: Bool = false,
        persist: @escaping ([UInt8]) throws -> Duration,
        settle: @escaping () throws -> Void = {}
    ) throws(Errno) -> HelperProcess {
        try HelperProcess.start(name: "vip-scribe", limit: messageLimit) { end in
            dropPrivileges()
            if isRealTime { _ = RealTime.enter() }
            let socket = MessageSocket(end, limit: messageLimit)
            do throws(ScribeLock.Failure) {
                let lock = try ScribeLock.take(in: folder)
                serve(socket, HistoryWriter(folder), persist, settle)
                _ = consume lock
            } catch {
                refuse(socket, error)
            }
            HelperProcess.end()
        }
    }

    /// There is nothing that it could do: it says so and ends.
    private static func refuse(_ socket: MessageSocket, _ failure: ScribeLock.Failure) {
        _ = try? socket.send(ScribeAnswer.failed("\(failure)").bytes)
    }

    private static func serve(
        _ socket: MessageSocket,
        _ history: HistoryWriter,
        _ persist: ([UInt8]) throws -> Duration,
        _ settle: () throws -> Void
    ) {
        var failure: String?
        repeat {
            do { if failure == nil { try settle() } } catch {
                failure = "\(error)"
                _ = try? socket.send(ScribeAnswer.failed("\(error)").bytes)
            }
        } while answerNext(socket, history, &failure, persist)
        while let message = socket.receiveRemaining() { _ = answer(message, history, &failure, persist) }
    }

    /// False when the agent is gone.
    private static func answerNext(
        _ socket: MessageSocket,
        _ history: HistoryWriter,
        _ failure: inout String?,
        _ persist: ([UInt8]) throws -> Duration
    ) -> Bool {
        guard case .message(let message)? = try? socket.receive() else { return false }
        _ = try? socket.send(answer(message, history, &failure, persist).bytes)
        return true
    }

    private static func answer(
        _ message: [UInt8],
        _ history: HistoryWriter,
        _ failure: inout String?,
        _ persist: ([UInt8]) throws -> Duration
    ) -> ScribeAnswer {
        if let lines = ScribeAnswer.historyLines(in: message) {
            // What it cannot write there is no failure of the state's.
            let outcome = history.append(lines)
            return .noted(lost: outcome.lost, reason: outcome.reason)
        }
        return ScribeAnswer(to: message, &failure, persist)
    }

    /// Ends the process where it fails: a writer of files needs no capability, and none is safer than some.
    static func dropPrivileges() {
        do throws(Errno) {
            try Capabilities.dropAll()
            try Capabilities.setNoNewPrivileges()
            try Capabilities.setNonDumpable()
        } catch {
            HelperProcess.end(1)
        }
    }
}
