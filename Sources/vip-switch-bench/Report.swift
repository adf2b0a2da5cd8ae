/// A table in Markdown for each case, a row a team: median and worst over its runs.
func report(_ options: Options) throws {
    for table in try Results(options).tables { print(table) }
}

/// One table over all cases: the best peer, each of our profiles, and how the best of ours compares.
func summary(_ options: Options) throws {
    print(try Results(options).summary)
}

extension Results {
    var tables: [String] {
        cases.compactMap { item in
            guard let byTeam = runs[item.folder] else { return nil }
            let rows = teams.compactMap { team in byTeam[team].map { row(team, $0, item.columns) } }
            let titles = ["team", "runs"] + item.columns.map { "\($0.title) ms" } + item.counts
            return "\n**\(item.title)**\n\n\(head(titles, words: 1))\n\(rows.joined(separator: "\n"))"
        }
    }

    private func row(_ team: String, _ runs: [RunFigures], _ columns: [Figure]) -> String {
        let spreads = columns.map { figure in Spread(runs.map(figure.value))?.text ?? "none" }
        let counts =
            columns == [.held]
            ? [] : ["\(runs.count(where: \.isLeftBehind))", "\(runs.count(where: \.hasMovedAgain))"]
        return "| " + ([team, "\(runs.count)"] + spreads + counts).joined(separator: " | ") + " |"
    }

    private static let profiles = ["lan", "fast", "turbo"]

    var summary: String {
        let titles = ["case", "figure", "best peer"] + Self.profiles + ["best of ours ÷ best peer"]
        return ([head(titles, words: 3)] + cases.filter { runs[$0.folder] != nil }.map(summaryRow))
            .joined(separator: "\n")
    }

    private func summaryRow(_ item: Case) -> String {
        let peer = best(item) { $0.hasPrefix("keepalived") }
        let ours = Self.profiles.map { profile in best(item) { $0.split(separator: "+").first ?? "" == profile } }
        let cells = [
            item.title, "\(item.figure.title) ms",
            peer.map { "\(milliseconds($0.median)) (\($0.team.dropFirst("keepalived-".count)))" } ?? "-",
        ]
        let medians = ours.map { $0.map { milliseconds($0.median) } ?? "-" }
        let bestOfOurs = ours.compactMap { $0?.median }.min()
        return "| " + (cells + medians + [ratio(bestOfOurs, peer?.median)]).joined(separator: " | ") + " |"
    }

    /// The team with the smallest median among those that the case was done to.
    private func best(_ item: Case, _ isMeant: (String) -> Bool) -> (team: String, median: Int64)? {
        teams.filter(isMeant).compactMap { team in spread(item, team).map { (team, $0.median) } }
            .min { $0.1 < $1.1 }
    }
}

/// `0.12`; `-` where one of them has no value, or the peers' is zero.
func ratio(_ ours: Int64?, _ peer: Int64?) -> String {
    guard let ours, let peer, ours != .max, peer != .max, peer > 0 else { return "-" }
    return fixed(Double(ours) / Double(peer), decimals: 2)
}

extension Results.Case {
    fileprivate var columns: [Figure] {
        figure == .held ? [.held] : Figure.allCases.filter { $0 != .held }
    }

    fileprivate var counts: [String] { figure == .held ? [] : ["left behind", "moved again"] }
}

/// The two lines that begin a table: the first columns are words, the others numbers.
private func head(_ titles: [String], words: Int) -> String {
    let rules = titles.indices.map { $0 < words ? "---" : "--:" }
    return "| " + titles.joined(separator: " | ") + " |\n|" + rules.joined(separator: "|") + "|"
}
