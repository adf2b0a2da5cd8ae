/// Prints the table of the README: a row a case, median and worst over its runs.
func report(_ options: Options) throws {
    let results = try options.required("results")
    print(
        "| what happens to the holder | runs | outage ms | takeover ms | two holders ms | raw ms | left behind | moved again |"
    )
    print("|---|--:|--:|--:|--:|--:|--:|--:|")
    for name in try options.required("cases").split(separator: ",") {
        let (folder, title) = folderAndTitle(name)
        let directory = "\(results)/\(folder)"
        var runs: [RunFigures] = []
        while try Event.read("\(directory)/\(runs.count + 1)/marks") != nil {
            runs.append(RunFigures(try Recording(directory: "\(directory)/\(runs.count + 1)")))
        }
        print(row(title, runs))
    }
}

/// `FOLDER=TITLE`, or one word for both.
private func folderAndTitle(_ text: Substring) -> (folder: String, title: String) {
    let parts = text.split(separator: "=", maxSplits: 1)
    return (String(parts[0]), String(parts[parts.count - 1]))
}

private func row(_ name: String, _ runs: [RunFigures]) -> String {
    let columns = [
        name, String(runs.count),
        medianAndWorst(runs.map(\.outage)), medianAndWorst(runs.map(\.takeover)),
        medianAndWorst(runs.map(\.doubleReachable)), medianAndWorst(runs.map(\.doubleRaw)),
        "\(runs.count(where: \.isLeftBehind))", "\(runs.count(where: \.hasMovedAgain))",
    ]
    return "| " + columns.joined(separator: " | ") + " |"
}

/// `MEDIAN / WORST`; a run without a value is worse than any.
private func medianAndWorst(_ values: [Int64?]) -> String {
    let sorted = values.map { $0 ?? .max }.sorted()
    guard let worst = sorted.last else { return "none" }
    let (low, high) = (sorted[(sorted.count - 1) / 2], sorted[sorted.count / 2])
    let median = high == .max ? high : (low + high) / 2
    return "\(milliseconds(median)) / \(milliseconds(worst))"
}

/// Milliseconds with one decimal; `none` for nil and for `Int64.max`.
func milliseconds(_ nanoseconds: Int64?) -> String {
    guard let nanoseconds, nanoseconds != .max else { return "none" }
    return fixed(Double(nanoseconds) / 1e6, decimals: 1)
}

/// A number that is not negative with a fixed count of decimals, padded on the left.
func fixed(_ value: Double, decimals: Int, width: Int = 0) -> String {
    var scale = 1
    for _ in 0..<decimals { scale *= 10 }
    let scaled = Int((value * Double(scale)).rounded())
    let fraction = String(scaled % scale)
    let padding = String(repeating: "0", count: decimals - fraction.count)
    let text = "\(scaled / scale).\(padding)\(fraction)"
    return String(repeating: " ", count: max(0, width - text.count)) + text
}
