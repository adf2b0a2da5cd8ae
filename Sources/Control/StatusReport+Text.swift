import Time

/// What `vip-switch status` prints.
extension ClusterReport {
    /// - Parameter isColoured: For a terminal that takes it.
    package func text(isColoured: Bool) -> String {
        let paint = Paint(isOn: isColoured)
        var parts = [paint.bold(own.headline(lease: lease))]
        if !own.groups.isEmpty {
            parts.append(table(["GROUP", "VIP", "INTERFACE", "HOLDER", "SINCE"], own.groups.flatMap(\.rows)))
        }
        let troubles = allTroubles
        if !troubles.isEmpty { parts.append(troubles.map { paint.red($0) + "\n" }.joined()) }
        parts.append(table(ClusterReport.Node.heading, nodes.map { $0.row(asked: own.node) }))
        let remarks = [own.removal].compactMap(\.self) + nodes.flatMap(\.remarks)
        if !remarks.isEmpty { parts.append(remarks.map { paint.yellow($0) + "\n" }.joined()) }
        parts += [own.lastFailover?.text, announced].compactMap(\.self)
        let warnings = answers.flatMap { report in report.groups.compactMap { $0.announcements.warning(of: $0.name) } }
        if !warnings.isEmpty { parts.append(warnings.joined()) }
        let strange = own.peers.compactMap { $0.strangeness(to: own) }
        if !strange.isEmpty { parts.append(strange.map { paint.yellow($0) + "\n" }.joined()) }
        if let refusals = own.refusals { parts.append(refusals) }
        return parts.joined(separator: "\n")
    }

    /// Of whoever leads.
    private var lease: Duration? {
        own.leaseLeft ?? answers.filter { $0.node == own.leader }.compactMap(\.leaseLeft).first
    }

    private var answers: [StatusReport] { nodes.compactMap(\.report) }

    /// Of all nodes, whichever was asked.
    private var allTroubles: [String] {
        answers.flatMap { report in report.groups.flatMap { $0.troubles(on: report.node) } }
    }

    /// What the holders have announced.
    private var announced: String? {
        let lines = answers.flatMap { report in
            report.groups.filter(\.isHeldHere).compactMap { group in
                group.announcements.summary.map { "\(plain(report.node)) announced \(plain(group.name)): \($0)\n" }
            }
        }
        return lines.isEmpty ? nil : lines.joined()
    }
}

extension StatusReport {
    fileprivate func headline(lease: Duration?) -> String {
        let leading = leader.map { $0 == node ? "it leads" : "\(plain($0)) leads" } ?? "no leader is known"
        let lease = lease.map { ", \(readable($0)) of its lease left" } ?? ""
        let member = cluster.map { "of cluster \(plain($0))" } ?? "in no cluster yet"
        return "\(plain(node)) is \(plain(role)) in term \(term) \(member): \(leading)\(lease)\n"
    }

    fileprivate var removal: String? {
        removalWitness.map {
            "\(plain(node)) is no member of the cluster any more, as \(plain($0)) says: stop it, or have it taken in again"
        }
    }

    fileprivate var refusals: String? {
        // A node that starts is told once by each peer that it named an old run: nothing to look at.
        let dropped = dropped.filter { $0.key != "stale_boot" }
        if dropped.isEmpty { return nil }
        let reasons = dropped.sorted { $0.key < $1.key }.map { "\(plain($0.key)) \($0.value)" }
        return "Datagrams refused: \(reasons.joined(separator: ", "))\n"
    }
}

extension StatusReport.Failover {
    fileprivate var text: String {
        let way = from == to ? "came back to \(to)" : "went from \(from) to \(to)"
        return "Last failover: \(plain(group)) \(plain(way)) in \(readable(took)) at \(plain(time)): \(plain(cause)); "
            + "elected after \(readable(electedAfter)), VIPs on \(readable(took - electedAfter)) later (term \(term))\n"
    }
}

extension ClusterReport.Node {
    fileprivate static let heading = [
        "NODE", "ADDRESS", "ROLE", "TERM", "STATE", "HEARD", "ROUND TRIP", "PRIORITY", "LAG", "ELIGIBLE",
    ]

    fileprivate func row(asked: String) -> [String] {
        let number = { (number: Int?) in number.map { "\($0)" } ?? "-" }
        return [
            plain(id), view.map { plain($0.address) } ?? "-", report.map { plain($0.role) } ?? "-",
            report.map { "\($0.term)" } ?? "-", state(asked: asked),
            view?.lastHeard.map { "\(readable($0)) ago" } ?? "-", view?.roundTrip.map(readable) ?? "-",
            number(standing.priority), number(standing.lag), eligibility,
        ]
    }

    private func state(asked: String) -> String {
        if id == asked { return "asked" }
        if report != nil { return "up" }
        guard let view, view.state != "up" || error == nil else { return "silent" }
        return view.state == "unknown" && error != nil ? "silent" : plain(view.state)
    }

    private var eligibility: String {
        if let held = report?.groups.filter(\.isHeldHere), !held.isEmpty {
            return "holds \(held.map { plain($0.name) }.joined(separator: ", "))"
        }
        switch (standing.isEligible, standing.place) {
        case (false, _): return "no"
        case (true, 1): return "next"
        case (true, let place?): return "as number \(place)"
        case (true, nil): return "yes"
        case (nil, _): return "-"
        }
    }

    /// Why it is not eligible, or ranks behind; and why nothing is known of it.
    fileprivate var remarks: [String] {
        let reasons = (standing.reasons + losses).map { "\(plain(id)): \(plain($0))" }
        return report == nil && error != nil ? [plain(error ?? "")] + reasons : reasons
    }

    /// What will be missed in the morning.
    private var losses: [String] {
        guard let metrics = report?.metrics else { return [] }
        let history =
            metrics.lostHistory > 0 ? ["entries of the history that are not on its disk: \(metrics.lostHistory)"] : []
        return history + (metrics.droppedLines > 0 ? ["log lines that were dropped: \(metrics.droppedLines)"] : [])
    }
}

extension StatusReport.Group {
    fileprivate func troubles(on node: String) -> [String] {
        let fault = fault.map { "Group \(plain(name)) is better held elsewhere than on \(plain(node)): \(plain($0))" }
        let contest = contest.map { "Group \(plain(name)) is fought over on \(plain(node)): \(plain($0))" }
        return [fault, contest].compactMap(\.self)
    }

    /// One for each VIP; what is the same for all stands in the first.
    fileprivate var rows: [[String]] {
        let holder = holder.map { plain($0) + (isHeldHere ? " (here)" : "") } ?? "nobody"
        let age = heldFor.map { " (\(readable($0)))" } ?? ""
        let first = [plain(name), "", "", holder, since.map { plain($0) + age } ?? "-"]
        if vips.isEmpty { return [first] }
        return vips.enumerated().map { index, vip in
            var row = index == 0 ? first : ["", "", "", "", ""]
            (row[1], row[2]) = (plain(vip.address), plain(vip.interface))
            return row
        }
    }
}

func table(_ heading: [String], _ rows: [[String]]) -> String {
    let all = [heading] + rows
    let widths = heading.indices.map { column in all.map { $0[column].count }.max() ?? 0 }
    return all.map { row in
        let cells = zip(row, widths).map { cell, width in cell + String(repeating: " ", count: width - cell.count) }
        var line = cells.joined(separator: "  ")
        while line.last == " " { line.removeLast() }
        return line + "\n"
    }.joined()
}

/// With two units at most: `0.42 ms`, `187 ms`, `12.3 s`, `3 min 12 s`, `5 h 3 min`, `12 d 4 h`.
func readable(_ duration: Duration) -> String {
    let microseconds = max(0, duration.nanoseconds) / 1000
    let seconds = microseconds / 1_000_000
    return switch seconds {
    case 0 where microseconds < 10_000: "\(microseconds / 1000).\(twoDigits(microseconds / 10 % 100)) ms"
    case 0: "\(microseconds / 1000) ms"
    case ..<60: "\(seconds).\(microseconds / 100_000 % 10) s"
    case ..<3600: "\(seconds / 60) min \(seconds % 60) s"
    case ..<86400: "\(seconds / 3600) h \(seconds / 60 % 60) min"
    default: "\(seconds / 86400) d \(seconds / 3600 % 24) h"
    }
}

private func twoDigits(_ number: Int64) -> String { number < 10 ? "0\(number)" : "\(number)" }

/// Whoever answers on a socket must not drive the terminal of him who asked.
func plain(_ text: String) -> String {
    String(
        String.UnicodeScalarView(
            text.unicodeScalars.map { $0.value < 0x20 || (0x7f...0x9f).contains($0.value) ? "?" : $0 }
        )
    )
}
