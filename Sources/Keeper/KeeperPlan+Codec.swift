package import Net
import Time

/// The plan's way from the child that parsed the configuration through a pipe into the keeper.
extension KeeperPlan {
    package func encoded() -> [UInt8] {
        var bytes: [UInt8] = []
        bytes.append(string: dataDirectory)
        bytes.append(bigEndian: UInt16(groups.count))
        for group in groups {
            bytes.append(string: group.name)
            bytes.append(string: group.interface)
            bytes.append(bigEndian: UInt16(group.vips.count))
            for vip in group.vips { bytes.append(vip) }
            bytes.append(bigEndian: UInt16(group.tracked.count))
            for interface in group.tracked { bytes.append(string: interface) }
        }
        bytes.append(bigEndian: UInt16(announcing.count))
        bytes.append(announcing.interval)
        bytes.append(announcing.refresh)
        bytes.append(bigEndian: UInt32(kernelLifetime))
        bytes.append(longestLease)
        bytes.append(withdrawal)
        bytes.append(flag: adopts)
        bytes.append(flag: isRealTime)
        bytes.append(flag: isFenced)
        return bytes
    }

    package init(decoding bytes: [UInt8]) throws(Malformed) {
        let span = unsafe bytes.span.bytes
        var offset = 0
        dataDirectory = try Self.checked(path: span.readText(upTo: 4096, at: &offset))
        groups = []
        for _ in 0..<(try span.readCount(upTo: Limit.groups, at: &offset)) {
            groups.append(try Group(from: span, at: &offset))
        }
        let count = try span.readCount(upTo: 1000, at: &offset)
        announcing = Announcing(
            count: count,
            interval: try span.readDuration(at: &offset),
            refresh: try span.readDuration(at: &offset)
        )
        kernelLifetime = Int(try span.readUInt32(at: &offset))
        longestLease = try span.readDuration(at: &offset)
        withdrawal = try span.readDuration(at: &offset)
        adopts = try span.readFlag(at: &offset)
        isRealTime = try span.readFlag(at: &offset)
        isFenced = try span.readFlag(at: &offset)
        try span.expectEnd(at: offset)
        try check()
    }

    private static func checked(path: String) throws(Malformed) -> String {
        guard path.hasPrefix("/"), !path.utf8.contains(0) else { throw .invalid("a data directory that is no path") }
        return path
    }

    /// What no single field shows.
    private func check() throws(Malformed) {
        guard announcing.count >= 1 else { throw .invalid("announcements of no round") }
        guard announcing.refresh == .zero || announcing.refresh >= .seconds(1) else {
            throw .invalid("a refresh more often than every second")
        }
        guard kernelLifetime <= Limit.kernelLifetime else { throw .invalid("a lifetime of \(kernelLifetime) s") }
        guard Set(groups.map(\.name)).count == groups.count else { throw .invalid("two groups of one name") }
        let vips = groups.flatMap { $0.vips.map(\.address) }
        guard vips.count <= Limit.vips else { throw .invalid("\(vips.count) VIPs, more than \(Limit.vips)") }
        guard Set(vips).count == vips.count else { throw .invalid("a VIP that is named twice") }
    }
}

extension KeeperPlan.Group {
    fileprivate init(from span: RawSpan, at offset: inout Int) throws(Malformed) {
        name = try span.readText(upTo: KeeperPlan.Limit.name, at: &offset)
        interface = try Self.readInterface(from: span, at: &offset)
        vips = []
        for _ in 0..<(try span.readCount(upTo: KeeperPlan.Limit.vips, at: &offset)) {
            vips.append(try span.readPrefix(at: &offset))
        }
        tracked = []
        for _ in 0..<(try span.readCount(upTo: KeeperPlan.Limit.tracked, at: &offset)) {
            tracked.append(try Self.readInterface(from: span, at: &offset))
        }
    }

    private static func readInterface(from span: RawSpan, at offset: inout Int) throws(Malformed) -> String {
        let name = try span.readText(upTo: 15, at: &offset)
        guard isInterfaceName(name) else { throw .invalid("no interface name: \(name)") }
        return name
    }

    /// As the kernel's `dev_valid_name`: the name is part of paths in `/proc/sys`.
    private static func isInterfaceName(_ name: String) -> Bool {
        let forbidden: Set<UInt8> = [UInt8(ascii: "/"), UInt8(ascii: ":"), UInt8(ascii: " "), 0]
        return !name.isEmpty && name != "." && name != ".."
            && name.utf8.allSatisfy { !forbidden.contains($0) && !(9...13).contains($0) }
    }
}
