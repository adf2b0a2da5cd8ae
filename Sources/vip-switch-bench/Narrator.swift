import Net

/// Tells a person, line by line, who answers on the VIP.
struct Narrator {
    private let vip: IPAddress
    private let start = timeNow()
    private var last: (node: String, time: Int64)?
    private var isSilenceTold = false

    init(vip: IPAddress) { self.vip = vip }

    mutating func noteAnswer(of node: String, at time: Int64) {
        defer { last = (node, time) }
        guard let last else { return tell("\(node) answers on \(vip)", at: time) }
        let silence = (time - last.time) / 1_000_000
        if node != last.node {
            tell("\(node) answers on \(vip), \(silence) ms after the last answer of \(last.node)", at: time)
        } else if isSilenceTold {
            tell("\(node) answers on \(vip) again, after \(silence) ms", at: time)
        }
        isSilenceTold = false
    }

    mutating func noteSilence(at time: Int64) {
        guard let last, !isSilenceTold, time - last.time > 50_000_000 else { return }
        isSilenceTold = true
        tell("nobody answers on \(vip)", at: time)
    }

    private func tell(_ sentence: String, at time: Int64) {
        writeError("    \(fixed(Double(time - start) / 1e9, decimals: 3, width: 7)) s  \(sentence)")
    }
}
