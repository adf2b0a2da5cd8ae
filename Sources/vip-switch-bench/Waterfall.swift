import Linux

/// Draws one failover as a picture: a lane for each process, when it ran, what it waited for, and who told whom.
struct Waterfall {
    private let calls: [SystemCalls.Call]
    private let fault: Int64
    private let lanes: [SystemCalls.Process]
    private let end: Int64
    private let title: String

    private static let width = 1_000.0
    private static let left = 110.0
    private static let top = 70.0
    private static let laneHeight = 44.0

    /// - Parameter order: The nodes from top to bottom: who held, who holds next, the others.
    init(_ system: SystemCalls, fault: Int64, order: [String], title: String) throws {
        self.fault = fault
        self.title = title
        let names = ["agent", "keeper", "scribe"]
        lanes = Set(system.calls.map(\.process)).filter { names.contains($0.name) && order.contains($0.node) }
            .sorted {
                (order.firstIndex(of: $0.node) ?? 0, names.firstIndex(of: $0.name) ?? 0)
                    < (order.firstIndex(of: $1.node) ?? 0, names.firstIndex(of: $1.name) ?? 0)
            }
        let heir = order.dropFirst().first
        let announced = system.calls.first {
            $0.number == SystemCalls.Number.sendmmsg && $0.process.node == heir && $0.begin > fault
        }
        guard let announced else { throw Complaint("nobody announced the address after the fault") }
        let end = announced.end + 400_000
        self.end = end
        calls = system.calls.filter { $0.end > fault && $0.begin < end }
    }

    var svg: String {
        let height = Self.top + Double(lanes.count) * Self.laneHeight + 50
        let head = """
            <svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 \(Int(Self.width + Self.left + 20)) \(Int(height))" \
            font-family="sans-serif" font-size="11">
            <rect width="100%" height="100%" fill="white"/>
            <text x="10" y="22" font-size="15">\(title)</text>
            <text x="10" y="40" fill="#555">pale: running; blue: in the kernel; orange: the disk; lines: who tells whom. \
            Milliseconds since the fault.</text>
            """
        return ([head] + axis(height) + lanes.flatMap(lane) + arrows() + ["</svg>", ""]).joined(separator: "\n")
    }

    private func x(_ moment: Int64) -> Double {
        Self.left + Double(max(0, min(end, moment) - fault)) / Double(end - fault) * Self.width
    }

    private func y(_ process: SystemCalls.Process) -> Double {
        Self.top + Double(lanes.firstIndex(of: process) ?? 0) * Self.laneHeight + Self.laneHeight / 2
    }

    private func axis(_ height: Double) -> [String] {
        stride(from: Int64(0), through: end - fault, by: 500_000).map { offset in
            let place = tenths(x(fault + offset))
            return "<line x1=\"\(place)\" y1=\"\(Self.top)\" x2=\"\(place)\" y2=\"\(height - 35)\" stroke=\"#eee\"/>"
                + "<text x=\"\(place)\" y=\"\(height - 20)\" text-anchor=\"middle\" fill=\"#555\">"
                + "\(Double(offset) / 1_000_000)</text>"
        }
    }

    private func lane(_ process: SystemCalls.Process) -> [String] {
        let own = calls.filter { $0.process == process }
        let label =
            "<text x=\"10\" y=\"\(tenths(y(process) + 4))\">\(process.node) \(process.name)</text>"
            + "<line x1=\"\(Self.left)\" y1=\"\(y(process))\" x2=\"\(Self.left + Self.width)\" y2=\"\(y(process))\" "
            + "stroke=\"#ddd\"/>"
        return [label] + running(own).map { bar($0.begin, $0.end, process, "#cfe3ff") }
            + own.filter { !Self.isWait($0) && $0.end - $0.begin >= 4_000 }.map {
                bar($0.begin, $0.end, process, $0.number == SystemCalls.Number.fdatasync ? "#f08a24" : "#2f6fd0")
            } + own.compactMap(note)
    }

    /// Between two waits; who was running when the fault came began then.
    private func running(_ own: [SystemCalls.Call]) -> [(begin: Int64, end: Int64)] {
        var spans: [(begin: Int64, end: Int64)] = []
        var begin: Int64?
        for call in own where Self.isWait(call) {
            if let begin { spans.append((begin, call.begin)) }
            begin = call.end
        }
        if let begin, begin < end { spans.append((begin, own.last.map(\.end) ?? begin)) }
        return spans.filter { $0.end > $0.begin }
    }

    /// epoll_wait, and a read that had to wait for something to come.
    private static func isWait(_ call: SystemCalls.Call) -> Bool {
        call.number == SystemCalls.Number.epollWait
            || call.number == SystemCalls.Number.recvfrom && call.end - call.begin > 50_000
    }

    private func bar(_ begin: Int64, _ end: Int64, _ process: SystemCalls.Process, _ color: String) -> String {
        let from = x(max(begin, fault))
        let width = max(1.2, x(end) - from)
        return "<rect x=\"\(tenths(from))\" y=\"\(tenths(y(process) - 8))\" width=\"\(tenths(width))\" height=\"16\" "
            + "fill=\"\(color)\"/>"
    }

    private func note(_ call: SystemCalls.Call) -> String? {
        let words: String? =
            switch (call.number, call.process.name, call.result) {
            case (SystemCalls.Number.sendto, "keeper", Self.deletion): "address off"
            case (SystemCalls.Number.sendto, "keeper", Self.addition): "address on"
            case (SystemCalls.Number.sendmmsg, "keeper", _): "announced"
            case (SystemCalls.Number.fdatasync, "scribe", _) where call.end - call.begin > 150_000: "to the disk"
            default: nil
            }
        guard let words else { return nil }
        let above = words == "announced" ? 22.0 : 12.0
        let (x, y) = (tenths(x(call.begin)), tenths(y(call.process) - above))
        return "<text x=\"\(x)\" y=\"\(y)\" fill=\"#333\">\(words)</text>"
    }

    /// Bytes of an RTM_DELADDR and an RTM_NEWADDR for one IPv4 address, as `AddressRequest` writes them.
    private static let deletion = 40
    private static let addition = 68
}

// MARK: - Who tells whom

extension Waterfall {
    /// A message has one size where it is sent and where it is received, and is the first of that size to be read there.
    private func arrows() -> [String] {
        var unread = calls.filter { $0.number == SystemCalls.Number.recvfrom && $0.result > 0 }
        return calls.filter { $0.number == SystemCalls.Number.sendto && $0.result > 0 && lanes.contains($0.process) }
            .compactMap { sent in
                let index = unread.firstIndex { read in
                    read.result == sent.result && read.end >= sent.begin
                        && read.end - sent.begin < (sent.process.node == read.process.node ? 3_000_000 : 600_000)
                        && isTold(sent.process, read.process) && lanes.contains(read.process)
                }
                guard let index else { return nil }
                return line(sent, unread.remove(at: index))
            }
    }

    private func isTold(_ sender: SystemCalls.Process, _ receiver: SystemCalls.Process) -> Bool {
        sender.node == receiver.node
            ? sender.name != receiver.name && (sender.name == "agent" || receiver.name == "agent")
            : sender.name == "agent" && receiver.name == "agent"
    }

    private func line(_ sent: SystemCalls.Call, _ read: SystemCalls.Call) -> String {
        let isDatagram = sent.process.node != read.process.node
        return "<line x1=\"\(tenths(x(sent.begin)))\" y1=\"\(tenths(y(sent.process)))\" x2=\"\(tenths(x(read.end)))\" "
            + "y2=\"\(tenths(y(read.process)))\" stroke=\"\(isDatagram ? "#b03060" : "#888")\" stroke-width=\"1\"/>"
    }
}

/// `vip-switch-bench waterfall --trace FILE --processes FILE --fault NANOSECONDS --order n1,n2,n3 --title TEXT`
func drawWaterfall(_ options: Options) throws {
    guard let fault = Int64(try options.required("fault")) else { throw Complaint("--fault takes nanoseconds") }
    let system = try SystemCalls(trace: contents(options, "trace"), processes: contents(options, "processes"))
    let order = try options.required("order").split(separator: ",").map(String.init)
    print(try Waterfall(system, fault: fault, order: order, title: options.required("title")).svg, terminator: "")
}

func contents(_ options: Options, _ name: String) throws -> String {
    let path = try options.required(name)
    guard let bytes = try DurableFile.read(path, limit: 1 << 28) else { throw Complaint("there is no \(path)") }
    return String(decoding: bytes, as: UTF8.self)
}
