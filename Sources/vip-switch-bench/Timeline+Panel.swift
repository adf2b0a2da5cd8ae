extension Timeline {
    /// One stretch of time with a lane for each node and one for the client.
    struct Panel {
        let range: Range<Int64>
        let top: Double
        let timeline: Timeline

        var clientY: Double { top + (Double(timeline.order.count) + 0.5) * Timeline.laneHeight }
        var bottom: Double { clientY + 40 }

        func x(_ moment: Int64) -> Double {
            let inside = min(max(moment, range.lowerBound), range.upperBound) - range.lowerBound
            return Timeline.left + Double(inside) / Double(range.upperBound - range.lowerBound) * Timeline.width
        }

        func y(_ node: String) -> Double {
            top + (Double(timeline.order.firstIndex(of: node) ?? 0) + 0.5) * Timeline.laneHeight
        }

        func elements(steps: Int64) -> [String] {
            axis(steps) + lanes + timeline.order.flatMap(holdings) + datagrams + disks + answers
        }
    }
}

// MARK: - What is there

extension Timeline.Panel {
    private func axis(_ step: Int64) -> [String] {
        let before = (timeline.fault - range.lowerBound) / step
        return stride(from: timeline.fault - before * step, to: range.upperBound, by: Int(step)).map { moment in
            let place = tenths(x(moment))
            return "<line x1=\"\(place)\" y1=\"\(top)\" x2=\"\(place)\" y2=\"\(bottom - 15)\" stroke=\"#eee\"/>"
                + "<text x=\"\(place)\" y=\"\(bottom)\" text-anchor=\"middle\" fill=\"#555\">"
                + "\((moment - timeline.fault) / 1_000_000)</text>"
        }
    }

    private var lanes: [String] {
        let places = timeline.order.map { ($0, y($0)) } + [("client", clientY)]
        return places.map { name, y in
            "<text x=\"10\" y=\"\(y + 4)\">\(name)</text><line x1=\"\(Timeline.left)\" y1=\"\(y)\" "
                + "x2=\"\(Timeline.left + Timeline.width)\" y2=\"\(y)\" stroke=\"#ddd\"/>"
        }
    }

    /// What a dead node's kernel still has is of no use to anybody: pale.
    private func holdings(_ node: String) -> [String] {
        let isDead = node == timeline.order[0]
        return timeline.recording.holdings[node, default: []].flatMap { held in
            let alive = isDead ? held.lowerBound..<max(held.lowerBound, min(held.upperBound, timeline.fault)) : held
            let dead = isDead && held.upperBound > timeline.fault ? timeline.fault..<held.upperBound : nil
            return [bar(alive, y(node), timeline.color(of: node)), dead.map { bar($0, y(node), "#d8d8d8") } ?? ""]
        }
    }

    private var datagrams: [String] {
        timeline.messages.filter { $0.received > range.lowerBound && $0.sent < range.upperBound }.map { message in
            "<line x1=\"\(tenths(x(message.sent)))\" y1=\"\(y(message.sender))\" x2=\"\(tenths(x(message.received)))\" "
                + "y2=\"\(y(message.receiver))\" stroke=\"#b03060\" stroke-opacity=\"0.6\"/>"
        }
    }

    private var disks: [String] {
        let syncs = timeline.system.calls.filter {
            $0.number == SystemCalls.Number.fdatasync && $0.end > range.lowerBound && $0.begin < range.upperBound
        }
        return syncs.map { bar($0.begin..<$0.end, y($0.process.node) + 9, "#f08a24", height: 6) }
    }

    private var answers: [String] {
        timeline.order.flatMap { node in
            let times = timeline.recording.answers.filter { $0.node == node && range.contains($0.time) }.map(\.time)
            return stretches(of: times, pause: RunFigures.answeringPause).map {
                bar($0, clientY, timeline.color(of: node))
            }
        }
    }

    private func bar(_ span: Range<Int64>, _ y: Double, _ color: String, height: Double = 12) -> String {
        guard span.overlaps(range) else { return "" }
        let from = x(span.lowerBound)
        let width = max(1.5, x(span.upperBound) - from)
        return "<rect x=\"\(tenths(from))\" y=\"\(tenths(y - height / 2))\" width=\"\(tenths(width))\" "
            + "height=\"\(height)\" fill=\"\(color)\"/>"
    }
}

// MARK: - What is said

extension Timeline.Panel {
    /// A stretch with its name above.
    func span(_ from: Int64, _ to: Int64, _ y: Double, _ words: String) -> String {
        let (a, b) = (tenths(x(from)), tenths(x(to)))
        return "<path d=\"M\(a) \(y - 4)v8M\(a) \(y)H\(b)M\(b) \(y - 4)v8\" stroke=\"#333\" fill=\"none\"/>"
            + "<text x=\"\(tenths((x(from) + x(to)) / 2))\" y=\"\(y - 5)\" text-anchor=\"middle\">\(words)</text>"
    }

    func moment(_ at: Int64, _ words: String) -> String {
        let place = tenths(x(at))
        return "<line x1=\"\(place)\" y1=\"\(top - 5)\" x2=\"\(place)\" y2=\"\(bottom - 15)\" stroke=\"#c02020\"/>"
            + "<text x=\"\(tenths(x(at) + 5))\" y=\"\(top + 3)\" fill=\"#c02020\">\(words)</text>"
    }

    func note(_ at: Int64, _ y: Double, _ words: String) -> String {
        "<text x=\"\(tenths(x(at)))\" y=\"\(y)\" text-anchor=\"end\">\(words)</text>"
            + "<line x1=\"\(tenths(x(at)))\" y1=\"\(y)\" x2=\"\(tenths(x(at)))\" y2=\"\(y + 12)\" stroke=\"#333\"/>"
    }
}
