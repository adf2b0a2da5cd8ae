/// What `scripts/chaos` did to a cluster, one deed a line of the file `deeds`.
///
/// What a judge must know of is written as `losing WHAT WHERE` before the deed, `lost WHAT WHERE` after it, and
/// `regained …` (the same process goes on) or `renewed …` (another took its place) when it is over. The other lines are the
/// stages of a run, `heal`, `back`, `late`, `quiet`, `end`, and words for a reader.
struct Deeds {
    /// What the safety of the VIP rests on, as far as the script can take it away.
    enum Asset: Hashable {
        /// The agent's process runs.
        case agent(String)
        /// The keeper's process runs.
        case keeper(String)
        /// The node reaches others, and they reach it.
        case network(String)
        case pair(Set<String>)
        /// Nothing on the segment is lost or late.
        case segment
        /// Nobody but us puts a VIP on.
        case addresses(String)
    }

    /// A span without an asset.
    struct Loss: Hashable {
        /// Before it was taken away.
        var losing: Int64
        /// When it was surely gone.
        var lost: Int64
        /// When it was there again.
        var end: Int64
        /// What was lost itself came back, and could act at once.
        var isSame: Bool
    }

    var lines: [(time: Int64, text: String)] = []

    /// The last moment that is judged: what runs still is over there.
    var end: Int64 { lines.last { $0.text == "end" }?.time ?? lines.last?.time ?? 0 }

    init() {}

    init(directory: String) throws {
        guard let events = try Event.read("\(directory)/deeds") else { throw Complaint("no deeds in \(directory)") }
        lines = events.map { ($0.time, $0.words.joined(separator: " ")) }
    }

    /// When each asset was missing, in order.
    var losses: [Asset: [Loss]] {
        var losses: [Asset: [Loss]] = [:]
        var open: [Asset: Loss] = [:]
        for (time, text) in lines {
            let words = text.split(separator: " ").map { String($0) }
            guard let word = words.first, let asset = Asset(words.dropFirst()) else { continue }
            switch word {
            case "losing":
                if open[asset] == nil { open[asset] = Loss(losing: time, lost: .max, end: .max, isSame: false) }
            // What is taken away twice was gone the first time.
            case "lost": if open[asset]?.lost == .max { open[asset]?.lost = time }
            case "regained", "renewed":
                guard var loss = open.removeValue(forKey: asset) else { continue }
                loss.end = time
                loss.isSame = word == "regained"
                losses[asset, default: []].append(loss)
            default: continue
            }
        }
        for (asset, loss) in open { losses[asset, default: []].append(loss) }
        return losses
    }
}

extension Deeds.Asset {
    /// `agent n1`, `pair n1 n2`, `segment`
    init?(_ words: ArraySlice<String>) {
        let names = words.dropFirst()
        switch (words.first, names.count) {
        case ("agent", 1): self = .agent(names[names.startIndex])
        case ("keeper", 1): self = .keeper(names[names.startIndex])
        case ("network", 1): self = .network(names[names.startIndex])
        case ("addresses", 1): self = .addresses(names[names.startIndex])
        case ("pair", 2): self = .pair(Set(names))
        case ("segment", 0): self = .segment
        default: return nil
        }
    }
}
