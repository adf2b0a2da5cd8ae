/// The candidate that was probably meant by `text`: at most a third of its letters, and at most three, are wrong.
package func suggestion(for text: some StringProtocol, among candidates: [String]) -> String? {
    let written = Array(text.lowercased().unicodeScalars.prefix(65))
    let bound = min(3, max(1, written.count / 3))
    let distances = candidates.map { candidate in
        (distance(from: written, to: Array(candidate.lowercased().unicodeScalars), bound: bound), candidate)
    }
    guard let best = distances.min(by: { $0.0 < $1.0 }), best.0 <= bound else { return nil }
    return best.1
}

/// Insertions, deletions, replacements and swaps of neighbours that lead from one text to the other (optimal string
/// alignment); anything above `bound` where the lengths alone are further apart.
private func distance(from a: [Unicode.Scalar], to b: [Unicode.Scalar], bound: Int) -> Int {
    guard abs(a.count - b.count) <= bound else { return bound + 1 }
    var beforePrevious: [Int] = []
    var previous = Array(0...b.count)
    for (i, left) in a.enumerated() {
        var row = [i + 1]
        for (j, right) in b.enumerated() {
            var best = min(previous[j] + (left == right ? 0 : 1), previous[j + 1] + 1, row[j] + 1)
            if i > 0, j > 0, left == b[j - 1], a[i - 1] == right { best = min(best, beforePrevious[j - 1] + 1) }
            row.append(best)
        }
        (beforePrevious, previous) = (previous, row)
    }
    return previous[b.count]
}
