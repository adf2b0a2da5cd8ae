import Net

/// The addresses that a run may put on, written down before it does: what its successor takes off where it was killed.
///
/// Plain lines, for people to read: a heading, the boot, one address a line, `end`. It lies where the agent may write, so
/// it is believed only about configured and about tagged addresses.
struct AddressRecord: Hashable, Sendable {
    struct Entry: Hashable, Sendable {
        var interface: String
        var prefix: Prefix
    }

    /// The kernel's `boot_id`: addresses do not outlive a boot, so an older record speaks of nothing that is left.
    var boot: String
    var entries: Set<Entry>

    init(boot: String, entries: Set<Entry>) {
        self.boot = boot
        self.entries = entries
    }

    /// Of everything in the plan.
    init(boot: String, plan: KeeperPlan) {
        self.boot = boot
        entries = Set(plan.groups.flatMap { group in group.vips.map { Entry(interface: group.interface, prefix: $0) } })
    }
}

extension AddressRecord {
    private static let heading = "vip-switch addresses 1"
    private static let lastLine = "end"
    /// Bytes of a file.
    static let limit = 1 << 21

    var bytes: [UInt8] {
        let lines = entries.map { "\($0.interface) \($0.prefix)" }.sorted()
        return Array(([Self.heading, "boot \(boot)"] + lines + [Self.lastLine, ""]).joined(separator: "\n").utf8)
    }

    init(_ bytes: [UInt8]) throws(Malformed) {
        guard let text = String(validating: bytes, as: UTF8.self) else { throw .invalid("text that is not UTF-8") }
        var lines = text.split(separator: "\n", omittingEmptySubsequences: false)[...]
        guard lines.popFirst() ?? "" == Self.heading else { throw .invalid("not a record of addresses") }
        guard let boot = lines.popFirst(), boot.hasPrefix("boot ") else { throw .invalid("no boot") }
        guard lines.popLast() ?? "" == "", lines.popLast() ?? "" == Self.lastLine else { throw .invalid("cut short") }
        self.boot = String(boot.dropFirst(5))
        entries = []
        for line in lines { entries.insert(try Entry(line)) }
    }
}

extension AddressRecord.Entry {
    fileprivate init(_ line: Substring) throws(Malformed) {
        let words = line.split(separator: " ", omittingEmptySubsequences: false)
        guard words.count == 2, let prefix = Prefix(words[1]) else { throw .invalid("no address: \(line)") }
        self.init(interface: String(words[0]), prefix: prefix)
    }
}
