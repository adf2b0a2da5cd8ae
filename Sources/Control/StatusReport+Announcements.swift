import Time

extension StatusReport {
    /// What a node has told the neighbours of a group since it started, and what it heard of others that claimed it.
    package struct Announcements: Hashable, Sendable {
        /// Gratuitous ARP requests and replies, and unsolicited neighbour advertisements, that were sent.
        package var requests = 0
        package var replies = 0
        package var advertisements = 0
        /// Frames of any form that could not be sent.
        package var failures = 0
        /// Claims of other machines to VIPs that were held here.
        package var conflicts = 0
        /// Announcements that answered them.
        package var defences = 0
        /// VIPs on which duplicate detection failed.
        package var duplicates = 0
        package var rival: Rival?

        package init() {}
    }

    /// Who was the last to claim one of the group's VIPs.
    package struct Rival: Hashable, Sendable {
        package var address: String
        package var hardware: String
        /// Of this VIP, by anyone.
        package var claims: Int
        /// How long ago.
        package var lastClaim: Duration

        package init(address: String, hardware: String, claims: Int, lastClaim: Duration) {
            self.address = address
            self.hardware = hardware
            self.claims = claims
            self.lastClaim = lastClaim
        }
    }
}

extension StatusReport.Announcements {
    var value: JSONValue {
        .object([
            .init("arp_requests", .integer(Int64(requests))),
            .init("arp_replies", .integer(Int64(replies))),
            .init("advertisements", .integer(Int64(advertisements))),
            .init("failed", .integer(Int64(failures))),
            .init("conflicts", .integer(Int64(conflicts))),
            .init("defences", .integer(Int64(defences))),
            .init("dad_failed", .integer(Int64(duplicates))),
            .init("rival", rival?.value ?? .null),
        ])
    }

    /// What is not there counts as zero: an agent before this one had no counters.
    init(_ value: JSONValue?) {
        let count = { (name: String) in value?[name]?.integer.map(Int.init(clamping:)) ?? 0 }
        requests = count("arp_requests")
        replies = count("arp_replies")
        advertisements = count("advertisements")
        failures = count("failed")
        conflicts = count("conflicts")
        defences = count("defences")
        duplicates = count("dad_failed")
        rival = value?["rival"].flatMap(StatusReport.Rival.init)
    }
}

extension StatusReport.Rival {
    fileprivate var value: JSONValue {
        .object([
            .init("vip", .string(address)),
            .init("hardware", .string(hardware)),
            .init("claims", .integer(Int64(claims))),
            .init("last_claim_ms", milliseconds(lastClaim)),
        ])
    }

    fileprivate init?(_ value: JSONValue) {
        guard let address = value["vip"]?.string, let hardware = value["hardware"]?.string,
            let claims = value["claims"]?.integer, let lastClaim = value["last_claim_ms"]?.duration
        else { return nil }
        self.init(address: address, hardware: hardware, claims: Int(clamping: claims), lastClaim: lastClaim)
    }
}

extension StatusReport.Announcements {
    /// How much has been said; nil where nothing has.
    var summary: String? {
        let kinds = [
            ("ARP requests", requests), ("ARP replies", replies), ("neighbour advertisements", advertisements),
        ]
        let said = kinds.filter { $0.1 > 0 }.map { "\($0.1) \($0.0)" }
        return said.isEmpty ? nil : said.joined(separator: ", ")
    }

    /// A line for people; nil while there is nothing to look at.
    func warning(of group: String) -> String? {
        var parts: [String] = []
        if let rival {
            parts.append(
                "\(plain(rival.hardware)) claimed \(plain(rival.address)) \(readable(rival.lastClaim)) ago; "
                    + "claims of other machines: \(conflicts), defended: \(defences)"
            )
        }
        if duplicates > 0 { parts.append("duplicate detection failed: \(duplicates)") }
        if failures > 0 { parts.append("frames that could not be sent: \(failures)") }
        return parts.isEmpty ? nil : "Announcements of \(plain(group)): \(parts.joined(separator: "; "))\n"
    }
}
