/// Holds a recording of `scripts/chaos` against what the program promises.
struct ChaosJudge {
    /// What was not kept, and around which time to look for why.
    struct Violation: Hashable {
        let span: Range<Int64>
        let text: String
    }

    /// The kernel's own end comes late on a busy machine; here nobody else has the address.
    static let patience: Int64 = 700_000_000
    /// A client need not wait longer for an answer while nothing is done to anybody.
    static let longestSilence: Int64 = 1_000_000_000

    /// How the cluster was configured.
    enum Exclusivity: String {
        case prompt, strict
        /// `strict` with `fence: nftables`.
        case fenced

        /// How long an address may outlive its last renewal: a second more than its lifetime, but that of one second is exact.
        var lifetime: Int64 { self == .fenced ? 11_000_000_000 : Excuses.lifetime }
    }

    let deeds: Deeds
    /// When each node had the VIP.
    let holdings: [String: [Range<Int64>]]
    let answers: [(time: Int64, node: String)]
    let exclusivity: Exclusivity
    /// With a fence: when each node surely answered on the VIP. The address alone harms nobody there.
    var answering: [String: [Range<Int64>]] = [:]
    /// From the end of all faults to the VIP's return.
    let bound: Int64

    var nodes: [String] { holdings.keys.sorted() }

    /// When two had the VIP, documented or not.
    var overlaps: [Range<Int64>] { spansWith(atLeast: 2, of: Array(holdings.values)) }

    /// In order of time.
    var violations: [Violation] {
        ((exclusivity == .fenced ? twoAnswering : twoHolders) + leftBehind + returns).sorted {
            $0.span.lowerBound < $1.span.lowerBound
        }
    }
}

// MARK: - Never twice

extension ChaosJudge {
    /// Without the documented cases. There is no tolerance.
    private var twoHolders: [Violation] {
        let excuses = Excuses(deeds, nodes: nodes, isPrompt: exclusivity == .prompt)
        let counted = nodes.map { node in
            (node, holdings[node, default: []].flatMap { $0.without(excuses.spans(of: node)) })
        }
        return overlaps(of: counted, "two holders")
    }

    /// Nobody is excused: where an address is put on by whomever, the fence is closed.
    private var twoAnswering: [Violation] {
        overlaps(of: answering.sorted { $0.key < $1.key }.map { ($0.key, $0.value) }, "two nodes answer")
    }

    private func overlaps(of spans: [(String, [Range<Int64>])], _ words: String) -> [Violation] {
        spansWith(atLeast: 2, of: spans.map(\.1)).map { overlap in
            let names = spans.filter { $0.1.contains { $0.overlaps(overlap) } }.map(\.0)
            let length = milliseconds(overlap.upperBound - overlap.lowerBound)
            return Violation(span: overlap, text: "\(words) for \(length) ms: \(names.joined(separator: ", "))")
        }
    }
}

// MARK: - Never left behind

extension ChaosJudge {
    /// With neither agent nor keeper, the kernel ends it.
    private var leftBehind: [Violation] {
        let losses = deeds.losses
        return nodes.flatMap { node in
            losses[.keeper(node), default: []].compactMap { keeper in
                let gone = losses[.agent(node), default: []].first { $0.losing < keeper.end && keeper.losing < $0.end }
                guard let gone, max(gone.lost, keeper.lost) != .max else { return nil }
                let latest = max(gone.lost, keeper.lost) + exclusivity.lifetime + Self.patience
                guard min(gone.end, keeper.end) > latest, latest < deeds.end, holds(node, at: latest),
                    !isStrangers(node, at: latest)
                else { return nil }
                let late = milliseconds(exclusivity.lifetime + Self.patience)
                return Violation(span: latest..<latest + 1, text: "left behind on \(node) for more than \(late) ms")
            }
        }
    }

    private func holds(_ node: String, at time: Int64) -> Bool {
        holdings[node, default: []].contains { $0.contains(time) }
    }

    /// Somebody else's address has no lifetime.
    private func isStrangers(_ node: String, at time: Int64) -> Bool {
        let held = holdings[node, default: []].first { $0.contains(time) }
        let strangers = deeds.losses[.addresses(node), default: []]
        return strangers.contains { stranger in
            held.map { $0.lowerBound <= stranger.lost && stranger.losing < time } ?? false
        }
    }
}

// MARK: - And back

extension ChaosJudge {
    /// After each heal one holder within the bound, that answers.
    private var returns: [Violation] {
        var violations: [Violation] = []
        var healed: Int64?
        var back: Int64?
        for (time, text) in deeds.lines {
            switch text {
            case "heal": (healed, back) = (time, nil)
            case "late":
                guard let healed else { continue }
                violations.append(
                    Violation(
                        span: healed..<time,
                        text: "the VIP was not back \(milliseconds(time - healed)) ms after all was healed"
                    )
                )
            case "back":
                back = time
                if let healed, time - healed > bound {
                    violations.append(
                        Violation(
                            span: healed..<time,
                            text: "the VIP was back only \(milliseconds(time - healed)) ms after all was healed"
                        )
                    )
                }
            case "quiet":
                if let start = back, start < time { violations += unrest(in: start..<time) }
            default: continue
            }
        }
        return violations
    }

    /// While nothing is done to anybody.
    private func unrest(in span: Range<Int64>) -> [Violation] {
        var violations: [Violation] = []
        let latest = max(span.lowerBound, span.upperBound - Self.longestSilence)..<span.upperBound
        if !holdings.values.joined().contains(where: { $0.overlaps(latest) }) {
            violations.append(Violation(span: span, text: "no holder although nothing is broken"))
        }
        let times = [span.lowerBound] + answers.map(\.time).filter(span.contains) + [span.upperBound]
        let silence = zip(times, times.dropFirst()).map { $1 - $0 }.max() ?? 0
        if silence > Self.longestSilence {
            violations.append(
                Violation(span: span, text: "no answer for \(milliseconds(silence)) ms although nothing is broken")
            )
        }
        return violations
    }
}
