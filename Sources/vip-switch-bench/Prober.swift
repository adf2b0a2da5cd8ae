import Linux
import Net
import Time

/// Sends the VIP a numbered probe every millisecond and writes down who answered when: `TIME NODE NUMBER`. With
/// `--stamps yes` the number is the time at which the probe was sent.
final class Prober {
    private let vip: Endpoint
    private let socket: UDPSocket
    private let answers: EventFile
    private let interval: Duration
    private let isStamping: Bool
    private let loop: EventLoop
    private var narrator: Narrator?
    private var number = 0
    private var next = Clock.now()

    init(_ options: Options) throws {
        vip = try options.endpoint()
        socket = try UDPSocket(boundTo: Endpoint(address: vip.address.unspecified, port: 0))
        answers = try EventFile(appendingTo: try options.required("answers"))
        interval = .microseconds(options["interval"].flatMap { Int($0) } ?? 1000)
        isStamping = options["stamps"] != nil
        loop = try EventLoop()
        if options["live"] != nil { narrator = Narrator(vip: vip.address) }
    }

    func run() throws {
        _ = try loop.watch(socket.descriptor) { [self] _ in
            while let answer = try? socket.receive(limit: 256) { note(String(decoding: answer.bytes, as: UTF8.self)) }
        }
        tick()
        try loop.run()
    }

    /// What a late wake-up left out is sent at once: a gap in the answers is the network's, not ours.
    private func tick() {
        let now = Clock.now()
        while Deadline.timer(next).hasPassed(at: now) {
            // No route, no neighbour: what a probe is there to find out.
            try? socket.send(Array(String(isStamping ? timeNow() : Int64(number)).utf8), to: vip)
            number += 1
            next = next + interval
        }
        narrator?.noteSilence(at: timeNow())
        loop.schedule(.timer(next)) { [self] in tick() }
    }

    private func note(_ text: String) {
        let words = text.split(separator: " ")
        guard words.count == 2 else { return }
        let time = timeNow()
        do {
            try answers.append("\(words[1]) \(words[0])", at: time)
        } catch {
            writeError("cannot write down an answer: \(error)")
            loop.stop()
        }
        narrator?.noteAnswer(of: String(words[1]), at: time)
    }
}

extension IPAddress {
    /// `0.0.0.0` or `::`.
    fileprivate var unspecified: IPAddress {
        switch self {
        case .v4: .v4(0)
        case .v6: .v6(0)
        }
    }
}
