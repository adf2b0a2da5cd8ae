import Time

/// What `vip-switch status` prints.
extension StatusReport {
    package var text: String {
        var parts = [headline + state]
        if !groups.isEmpty {
            parts.append(table(["GROUP", "VIP", "INTERFACE", "HOLDER", "SINCE"], groups.flatMap(\.rows)))
        }
        let troubles = groups.flatMap(\.troubles)
        if !troubles.isEmpty { parts.append(troubles.joined()) }
        if !peers.isEmpty {
            parts.append(table(["PEER", "ADDRESS", "STATE", "HEARD", "ROUND TRIP"], peers.map(\.row)))
        }
        let warnings = groups.compactMap { $0.announcements.warning(of: $0.name) }
        if !warnings.isEmpty { parts.append(warnings.joined()) }
        // A node that starts is told once by each peer that it named an old run: nothing to look at.
        let dropped = dropped.filter { $0.key != "stale_boot" }
        if !dropped.isEmpty {
            let reasons = dropped.sorted { $0.key < $1.key }.map { "\(plain($0.key)) \($0.value)" }
            parts.append("Datagrams refused: \(reasons.joined(separator: ", "))\n")
        }
        return parts.joined(separator: "\n")
    }

    private var headline: String {
        let leading = leader.map { $0 == node ? "it leads" : "\(plain($0)) leads" } ?? "no leader is known"
        let lease = leaseLeft.map { ", \(readable($0)) of its lease left" } ?? ""
        let member = cluster.map { "of cluster \(plain($0))" } ?? "in no cluster yet"
        return "\(plain(node)) is \(plain(role)) in term \(term) \(member): \(leading)\(lease)\n"
    }
}

extension StatusReport {
    /// What an operator has made of this node.
    private var state: String {
        let drained = drainedSince.map { "\(plain(node)) is drained since \(plain($0)): it takes no VIPs\n" } ?? ""
        let removed = removalWitness.map {
            "\(plain(node)) is no member of the cluster any more, as \(plain($0)) says: stop it, or have it taken in again\n"
        }
        return drained + (removed ?? "")
    }
}

extension StatusReport.Group {
    fileprivate var troubles: [String] {
        let fault = fault.map { "Group \(plain(name)) is better held elsewhere: \(plain($0))\n" }
        let contest = contest.map { "Group \(plain(name)) is fought over: \(plain($0))\n" }
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

extension StatusReport.Peer {
    fileprivate var row: [String] {
        let heard = lastHeard.map { "\(readable($0)) ago" } ?? "-"
        return [plain(id), plain(address), plain(state), heard, roundTrip.map(readable) ?? "-"]
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
