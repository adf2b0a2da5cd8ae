/// What a whole bench left: `CASE/TEAM/1`, `CASE/TEAM/2` … A team is a program in one configuration, such as
/// `keepalived-10ms` or `turbo`; whatever follows a `+` is a variant of the same.
struct Results {
    /// What was done, and which figure it is about.
    struct Case: Equatable {
        let folder: String
        let figure: Figure
        let title: String

        /// Reads `FOLDER:FIGURE=TITLE`.
        init(_ text: some StringProtocol) throws(Complaint) {
            let parts = text.split(separator: "=", maxSplits: 1)
            let names = parts.first?.split(separator: ":") ?? []
            guard parts.count == 2, names.count == 2, let figure = Figure(rawValue: String(names[1])) else {
                throw Complaint("\(text) is not FOLDER:FIGURE=TITLE")
            }
            folder = String(names[0])
            title = String(parts[1])
            self.figure = figure
        }
    }

    let cases: [Case]
    let teams: [String]
    /// By case and team, in order of the runs.
    var runs: [String: [String: [RunFigures]]] = [:]

    init(cases: [Case], teams: [String]) {
        self.cases = cases
        self.teams = teams
    }

    init(_ options: Options) throws {
        let directory = try options.required("results")
        cases = try options.required("cases").split(separator: ",").map { text throws(Complaint) in try Case(text) }
        teams = try options.required("teams").split(separator: ",").map { String($0) }
        for item in cases {
            for team in teams {
                let runs = try Self.runs(in: "\(directory)/\(item.folder)/\(team)")
                if !runs.isEmpty { self.runs[item.folder, default: [:]][team] = runs }
            }
        }
    }

    private static func runs(in directory: String) throws -> [RunFigures] {
        var runs: [RunFigures] = []
        while try Event.read("\(directory)/\(runs.count + 1)/marks") != nil {
            runs.append(RunFigures(try Recording(directory: "\(directory)/\(runs.count + 1)")))
        }
        return runs
    }

    func spread(_ item: Case, _ team: String) -> Spread? {
        Spread(runs[item.folder]?[team]?.map(item.figure.value) ?? [])
    }
}
