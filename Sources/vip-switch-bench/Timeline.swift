/// Draws a failover as its users see it: who has the address, who answers, what the nodes tell each other meanwhile. First the
/// whole of it, then the end of it enlarged.
struct Timeline {
    let recording: Recording
    let system: SystemCalls
    let fault: Int64
    /// From top to bottom: who died, who holds next, the others.
    let order: [String]
    let title: String
    let messages: [Message]
    let firstAnswer: Int64
    /// When the heir last heard of the dead node.
    let lastHeard: Int64
    /// When the heir spoke to the others for the first time after that.
    let campaign: Int64

    static let width = 1_000.0
    static let left = 90.0
    static let laneHeight = 56.0
    static let colors = ["#2f6fd0", "#2a9d4a", "#8a63c9", "#c98a2b"]

    init(_ recording: Recording, _ system: SystemCalls, order: [String], title: String) throws {
        guard let fault = recording.fault?.time, order.count > 2 else { throw Complaint("no fault, or too few nodes") }
        let (dead, heir) = (order[0], order[1])
        let answer = recording.answers.first { $0.time > fault && $0.node == heir }
        guard let answer else { throw Complaint("\(heir) did not answer after the fault") }
        let messages = Message.all(in: system)
        let heard = messages.last { $0.sender == dead && $0.receiver == heir && $0.sent < fault + 5_000_000 }
        guard let heard else { throw Complaint("\(heir) heard nothing of \(dead)") }
        let asked = messages.first { $0.sender == heir && $0.receiver != dead && $0.sent > max(fault, heard.received) }
        guard let asked else { throw Complaint("\(heir) told nobody anything after the fault") }
        (self.recording, self.system, self.order, self.title) = (recording, system, order, title)
        (self.fault, self.messages, firstAnswer) = (fault, messages, answer.time)
        (lastHeard, campaign) = (heard.received, asked.sent)
    }

    var svg: String {
        let whole = Panel(range: fault - 130_000_000..<firstAnswer + 70_000_000, top: 60, timeline: self)
        let end = Panel(
            range: campaign - 2_000_000..<firstAnswer + 3_000_000,
            top: whole.bottom + 70,
            timeline: self
        )
        let height = Int(end.bottom + 40)
        let head = """
            <svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 \(Int(Self.width + Self.left) + 30) \(height)" \
            font-family="sans-serif" font-size="12">
            <rect width="100%" height="100%" fill="white"/>
            <text x="10" y="22" font-size="15">\(title)</text>
            <text x="10" y="41" fill="#555">Bars: the address is in the node's kernel; below, who answers the client. Thin lines: \
            datagrams between the agents. Orange: the disk. Milliseconds since the fault.</text>
            """
        let between = "<text x=\"10\" y=\"\(whole.bottom + 50)\" font-size=\"13\">The end of it, enlarged</text>"
        let parts =
            whole.elements(steps: 50_000_000) + wholeStory(whole) + [between]
            + end.elements(steps: 1_000_000) + endStory(end)
        return ([head] + parts + ["</svg>", ""]).joined(separator: "\n")
    }

    func color(of node: String) -> String { Self.colors[(order.firstIndex(of: node) ?? 0) % Self.colors.count] }
}

// MARK: - What is said to it

extension Timeline {
    /// What the heir waits for, and what the client sees of it.
    private func wholeStory(_ panel: Panel) -> [String] {
        let last = recording.answers.last { $0.node == order[0] && $0.time < firstAnswer }?.time ?? fault
        let waited = milliseconds(campaign - lastHeard)
        let wait = "\(order[1]) and \(order[2]) have promised \(order[0]) to elect nobody: \(waited) ms"
        return [
            panel.span(lastHeard, campaign, panel.y(order[1]) - 17, wait),
            panel.moment(fault, "\(order[0]) dies"),
            panel.span(last, firstAnswer, panel.clientY - 17, "no answer for \(milliseconds(firstAnswer - last)) ms"),
        ]
    }

    private func endStory(_ panel: Panel) -> [String] {
        let taken = recording.holdings[order[1], default: []].first { $0.lowerBound > fault }?.lowerBound
        return [
            panel.note(campaign, panel.y(order[1]) - 12, "asks for votes"),
            taken.map { panel.note($0, panel.y(order[1]) - 12, "address on") } ?? "",
            panel.note(firstAnswer, panel.clientY - 12, "answers"),
        ]
    }
}

/// A datagram from agent to agent.
struct Message {
    var sender: String
    var receiver: String
    var sent: Int64
    var received: Int64

    /// It has one size where it is sent and where it is received, and is the first of that size to be read there.
    static func all(in system: SystemCalls) -> [Message] {
        let agents = system.calls.filter { $0.process.name == "agent" && $0.result > 0 }
        var unread = agents.filter { $0.number == SystemCalls.Number.recvfrom }
        return agents.filter { $0.number == SystemCalls.Number.sendto }.compactMap { sent in
            let index = unread.firstIndex { read in
                read.result == sent.result && read.process.node != sent.process.node && read.end >= sent.begin
                    && read.end - sent.begin < 3_000_000
            }
            guard let index else { return nil }
            let read = unread.remove(at: index)
            return Message(
                sender: sent.process.node,
                receiver: read.process.node,
                sent: sent.begin,
                received: read.end
            )
        }
    }
}

/// With one place after the point.
func tenths(_ value: Double) -> String {
    let tenths = Int((value * 10).rounded())
    return "\(tenths < 0 ? "-" : "")\(abs(tenths) / 10).\(abs(tenths) % 10)"
}

/// `vip-switch-bench timeline --run DIRECTORY --trace FILE --processes FILE --order n1,n2,n3 --title TEXT`
func drawTimeline(_ options: Options) throws {
    let system = try SystemCalls(trace: contents(options, "trace"), processes: contents(options, "processes"))
    let order = try options.required("order").split(separator: ",").map(String.init)
    let recording = try Recording(directory: options.required("run"))
    print(try Timeline(recording, system, order: order, title: options.required("title")).svg, terminator: "")
}
