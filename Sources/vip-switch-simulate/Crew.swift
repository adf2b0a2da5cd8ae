import Linux
import Time

/// Processes that share a range of seeds, each taking one and leaving the next ones to the others, and whose words come
/// in the order of the seeds.
///
/// Whoever is ahead of the others waits, since a socket takes only so much: nothing here has to keep what came early. A
/// process that dies had begun with the seed that is waited for; another one goes on behind it.
struct Crew {
    enum Word: Hashable {
        case told(String)
        case died(ExitStatus)
    }

    private let seeds: ClosedRange<UInt64>
    private let work: (UInt64) -> String
    private var workers: [HelperProcess] = []
    private var done: UInt64 = 0

    /// Forks: call it while there is one thread only, with nothing left in the buffer of standard output.
    /// - Parameter work: Runs a seed, in another process, and says what became of it.
    init(_ seeds: ClosedRange<UInt64>, jobs: Int, _ work: @escaping (UInt64) -> String) throws(Errno) {
        self.seeds = seeds
        self.work = work
        let count = min(UInt64(jobs - 1), seeds.upperBound - seeds.lowerBound) + 1
        for place in 0..<count {
            workers.append(try Self.start(seeds.lowerBound + place, step: count, seeds, work))
        }
    }

    /// What became of the next seed; nil when there is none left.
    mutating func next() throws(Errno) -> (seed: UInt64, word: Word)? {
        guard done <= seeds.upperBound - seeds.lowerBound else { return nil }
        let place = Int(done % UInt64(workers.count))
        let seed = seeds.lowerBound + done
        done += 1
        if case .message(let bytes) = try workers[place].socket.receive() {
            return (seed, .told(String(decoding: bytes, as: UTF8.self)))
        }
        return (seed, .died(try replace(place, after: seed)))
    }

    /// How the dead one ended.
    private mutating func replace(_ place: Int, after seed: UInt64) throws(Errno) -> ExitStatus {
        guard let status = try workers[place].kill() else { throw .timedOut }
        let step = UInt64(workers.count)
        if seeds.upperBound - seed >= step {
            workers[place] = try Self.start(seed + step, step: step, seeds, work)
        }
        return status
    }

    /// Ends those that still work and waits for them, so that what they took of the processors is known.
    mutating func end() throws(Errno) {
        for worker in workers { _ = try worker.kill() }
        workers = []
    }
}

extension Crew {
    private static func start(
        _ first: UInt64,
        step: UInt64,
        _ seeds: ClosedRange<UInt64>,
        _ work: (UInt64) -> String
    ) throws(Errno) -> HelperProcess {
        try HelperProcess.start(name: "simulate") { end in
            let socket = MessageSocket(end)
            var seed = first
            while seed <= seeds.upperBound, tell(work(seed), on: socket) {
                let (next, isOver) = seed.addingReportingOverflow(step)
                if isOver { break }
                seed = next
            }
            HelperProcess.end()
        }
    }

    /// False when nobody listens any more.
    private static func tell(_ text: String, on socket: MessageSocket) -> Bool {
        (try? socket.send(Array(text.utf8.prefix(socket.limit)))) == .sent
    }
}
