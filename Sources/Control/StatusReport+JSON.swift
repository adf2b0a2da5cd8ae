import Time

/// The document of `status --json`. Scripts rely on its names: members are added, never renamed or removed, and one
/// that has no value is null.
extension StatusReport {
    package var json: String { value(beside: []).text }

    /// With members of the document that are not this node's alone.
    func value(beside others: [JSONValue.Member]) -> JSONValue {
        .object(
            [
                .init("version", .string(version)),
                .init("node", .string(node)),
                .init("role", .string(role)),
                .init("term", .integer(Int64(clamping: term))),
                .init("leader", optional(leader)),
                .init("cluster_id", optional(cluster)),
                .init("drained_since", optional(drainedSince)),
                .init("removed_according_to", optional(removalWitness)),
                .init("lease_left_ms", milliseconds(leaseLeft)),
                .init("lease", .object([.init("smallest_left_ms", milliseconds(smallestLeaseLeft))])),
                .init("keeper", .object([.init("largest_lateness_ms", milliseconds(keeperLateness))])),
                .init("groups", .array(groups.map(\.value))),
                .init("peers", .array(peers.map(\.value))),
                .init(
                    "dropped",
                    .object(dropped.sorted { $0.key < $1.key }.map { .init($0.key, .integer(Int64($0.value))) })
                ),
                .init("uptime_ms", milliseconds(uptime)),
            ] + standing.ownMembers + [
                .init("last_failover", lastFailover?.value ?? .null),
                .init("metrics", metrics.value),
                .init("version_in_use", versionInUse.map { .integer(Int64($0)) } ?? .null),
            ] + speech.members + others
        )
    }

    /// Reads what `json` wrote; nil for another document.
    package init?(json: String) {
        guard let value = JSONValue(parsing: json), let version = value["version"]?.string,
            let node = value["node"]?.string, let role = value["role"]?.string,
            let term = value["term"]?.integer.flatMap(UInt64.init(exactly:))
        else { return nil }
        self.init(version: version, node: node, role: role, term: term)
        leader = value["leader"]?.string
        cluster = value["cluster_id"]?.string
        drainedSince = value["drained_since"]?.string
        removalWitness = value["removed_according_to"]?.string
        leaseLeft = value["lease_left_ms"]?.duration
        smallestLeaseLeft = value["lease"]?["smallest_left_ms"]?.duration
        keeperLateness = value["keeper"]?["largest_lateness_ms"]?.duration
        groups = value["groups"]?.array?.compactMap(Group.init) ?? []
        peers = value["peers"]?.array?.compactMap(Peer.init) ?? []
        versionInUse = value["version_in_use"]?.integer.map(Int.init(clamping:))
        speech = Speech(value)
        for member in value["dropped"]?.members ?? [] {
            dropped[member.name] = member.value.integer.map(Int.init(clamping:)) ?? 0
        }
        uptime = value["uptime_ms"]?.duration
        standing = Standing(value)
        lastFailover = value["last_failover"].flatMap(Failover.init)
        metrics = Metrics(value["metrics"])
    }
}

extension StatusReport.Group {
    var value: JSONValue {
        .object([
            .init("name", .string(name)),
            .init("vips", .array(vips.map(\.value))),
            .init("holder", optional(holder)),
            .init("held_here", .boolean(isHeldHere)),
            .init("since", optional(since)),
            .init("held_for_ms", milliseconds(heldFor)),
            .init("announcements", announcements.value),
            .init("contest", optional(contest)),
            .init("fault", optional(fault)),
        ])
    }

    fileprivate init?(_ value: JSONValue) {
        guard let name = value["name"]?.string else { return nil }
        self.init(
            name: name,
            vips: value["vips"]?.array?.compactMap(StatusReport.VIP.init) ?? [],
            holder: value["holder"]?.string,
            isHeldHere: value["held_here"]?.boolean ?? false,
            since: value["since"]?.string,
            heldFor: value["held_for_ms"]?.duration
        )
        announcements = StatusReport.Announcements(value["announcements"])
        contest = value["contest"]?.string
        fault = value["fault"]?.string
    }
}

extension StatusReport.VIP {
    fileprivate var value: JSONValue {
        .object([.init("address", .string(address)), .init("interface", .string(interface))])
    }

    fileprivate init?(_ value: JSONValue) {
        guard let address = value["address"]?.string, let interface = value["interface"]?.string else { return nil }
        self.init(address: address, interface: interface)
    }
}

extension StatusReport.Peer {
    fileprivate var value: JSONValue {
        .object(
            [
                .init("id", .string(id)),
                .init("address", .string(address)),
                .init("state", .string(state)),
                .init("last_heard_ms", milliseconds(lastHeard)),
                .init("round_trip_ms", milliseconds(roundTrip)),
            ] + standing.members + speech.members
        )
    }

    fileprivate init?(_ value: JSONValue) {
        guard let id = value["id"]?.string, let address = value["address"]?.string,
            let state = value["state"]?.string
        else { return nil }
        self.init(
            id: id,
            address: address,
            state: state,
            lastHeard: value["last_heard_ms"]?.duration,
            roundTrip: value["round_trip_ms"]?.duration
        )
        standing = StatusReport.Standing(value)
        speech = StatusReport.Speech(value)
    }
}

private func optional(_ text: String?) -> JSONValue { text.map(JSONValue.string) ?? .null }

/// To the microsecond: a round trip is often below one millisecond.
func milliseconds(_ duration: Duration?) -> JSONValue {
    guard let duration else { return .null }
    return .number(Double(duration.nanoseconds / 1000) / 1000)
}

extension JSONValue {
    /// Milliseconds, up to some 30 years.
    var duration: Duration? {
        guard let number, abs(number) < 1e12 else { return nil }
        return .nanoseconds(Int64((number * 1000).rounded()) * 1000)
    }
}
