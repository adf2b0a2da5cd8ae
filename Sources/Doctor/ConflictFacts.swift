package import Net

/// What an ARP probe (RFC 5227 §2.1.1) or a neighbour solicitation for a VIP brought.
package struct ConflictFacts: Hashable, Sendable {
    package enum Outcome: Hashable, Sendable {
        case silence
        case answer(MACAddress)
        /// This node holds it.
        case heldHere
        /// Why nobody was asked.
        case notAsked(String)
    }

    package var vip: IPAddress
    package var interface: String
    package var outcome: Outcome
    /// The node that the running agent says holds it.
    package var holder: String?
    /// The member at whose address the machine's neighbour table has that hardware address.
    package var owner: String?
    /// The hardware address at the holder's own address, where that is on this link and known.
    package var hardwareOfHolder: MACAddress?

    package init(vip: IPAddress, interface: String, outcome: Outcome) {
        (self.vip, self.interface, self.outcome) = (vip, interface, outcome)
    }
}

extension ConflictFacts {
    var findings: [Finding] { [finding] }

    private var finding: Finding {
        switch outcome {
        case .heldHere: topic.ok("this node holds it")
        case .notAsked(let reason):
            topic.warning(
                "whether another machine has it was not asked: \(reason)",
                do: "run doctor with CAP_NET_RAW, or as root"
            )
        case .silence: silence
        case .answer(let hardware): answered(hardware)
        }
    }

    private var topic: Topic { Topic(.conflict, "\(vip)") }

    private var silence: Finding {
        guard let holder else { return topic.ok("nobody on \(interface) answers for it") }
        return topic.warning(
            "\(holder) holds it, and nobody on \(interface) answers for it",
            do: "see whether both are on one link, and look at `vip-switch doctor` on \(holder)"
        )
    }

    private func answered(_ hardware: MACAddress) -> Finding {
        if let holder {
            if let hardwareOfHolder, hardwareOfHolder != hardware {
                return topic.error(
                    "\(holder) holds it, and \(hardware) answers for it as well, which is not \(holder)'s \(hardwareOfHolder)",
                    do: "find that machine by its hardware address, and take the address off it"
                )
            }
            return topic.ok("\(hardware) answers for it: \(holder) of this cluster holds it")
        }
        if let owner { return topic.ok("\(hardware) answers for it: that is \(owner) of this cluster") }
        return topic.error(
            "another machine has it: \(hardware) answers on \(interface)",
            do: "find that machine by its hardware address and take the address off it, or choose another VIP"
        )
    }
}

/// What became of a scratch address (`--try-address`).
package struct AddressTrial: Hashable, Sendable {
    package enum Outcome: Hashable, Sendable {
        case passed
        /// Added by the kernel, and not in its list.
        case notSeen
        /// The act and the kernel's words.
        case failed(String)
        case notTried(String)
    }

    package var prefix: Prefix
    package var interface: String
    package var outcome: Outcome

    package init(_ prefix: Prefix, on interface: String, _ outcome: Outcome) {
        (self.prefix, self.interface, self.outcome) = (prefix, interface, outcome)
    }

    var findings: [Finding] { [finding] }

    private var topic: Topic { Topic(.tryAddress, interface) }

    private var finding: Finding {
        switch outcome {
        case .passed: topic.ok("\(prefix) was added, seen, and taken off again")
        case .notSeen:
            topic.error(
                "\(prefix) was added, and was not there a moment later",
                do: "find out who removes addresses on \(interface): see the managers below"
            )
        case .failed(let reason): topic.error(reason, do: "see the capabilities and the interface above")
        case .notTried(let reason):
            topic.warning("\(prefix) was not tried: \(reason)", do: "name another address")
        }
    }
}
