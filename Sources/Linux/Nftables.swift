internal import CMnl
internal import CNftnl
internal import Glibc

/// Changes the packet filter of this network namespace, one transaction at a time; needs CAP_NET_ADMIN.
///
/// A transaction is done whole or not at all. The kernel does it inside `send(2)`, behind whatever other transaction is
/// under way in the namespace.
package final class Nftables {
    /// Room for a ruleset of 16,384 addresses; a longer one is refused with EMSGSIZE.
    private static let sendBuffer = 8 << 20

    let socket: NetlinkSocket
    private var sequence: UInt32 = 0

    func nextSequence() -> UInt32 {
        sequence &+= 1
        return sequence
    }

    package init() throws(NetlinkError) {
        do throws(Errno) {
            socket = try NetlinkSocket(NETLINK_NETFILTER)
            try socket.setSendBuffer(Self.sendBuffer)
        } catch {
            throw NetlinkError("open", "an nf_tables socket", error)
        }
    }

    /// Whether it is there already: asking nf_tables itself would load its module. A kernel without modules has it built in,
    /// or refuses what it is asked.
    package static var isInKernel: Bool {
        guard let modules = SmallFile.text("/proc/modules", limit: 1 << 20) else { return true }
        return modules.split(separator: "\n").contains { $0.hasPrefix("nf_tables ") }
    }

    /// Throws what the first request that failed was refused with.
    ///
    /// `outdated`: the ruleset is not of that generation, since somebody else has changed it. A transaction that was made
    /// for a generation makes the next one.
    package func perform(_ requests: [NftablesRequest], at generation: UInt32? = nil) throws(NftablesRefusal) {
        let first = sequence &+ 1
        let datagram = transaction(requests, at: generation)
        let answers: Answers
        do throws(Errno) {
            try socket.send(datagram)
            answers = try receiveAnswers(from: first)
        } catch {
            throw NftablesRefusal(errno: error, request: nil)
        }
        if let (place, errno) = answers.refusal {
            // Before the requests stands the beginning of the batch.
            throw NftablesRefusal(errno: errno, request: place >= 1 && place <= requests.count ? place - 1 : nil)
        }
        guard answers.count == requests.count else { throw NftablesRefusal(errno: .noBufferSpace, request: nil) }
    }

    /// The number of the ruleset, one more with each transaction of whoever it was.
    package func generation() throws(Errno) -> UInt32 {
        sequence &+= 1
        try socket.send(unsafe NftablesMessage.message(NFT_MSG_GETGEN, nil, flags: 0, sequence) { _ in })
        var found: UInt32?
        var refusal: Errno?
        while try socket.receive({ message in
            guard message.sequence == sequence else { return }
            if let answer = NetlinkAnswer(message) { refusal = answer.errno }
            message.forEachAttribute(after: nfgenmsg.self) { attribute in
                guard Int(attribute.type) == Int(NFTA_GEN_ID.rawValue) else { return }
                found = attribute.integer(as: UInt32.self).map(UInt32.init(bigEndian:))
            }
        }) {}
        guard let found else { throw refusal ?? .noBufferSpace }
        return found
    }

    /// The rules of a table in their order; none where there is no such table.
    package func rules(of table: NftablesTable) throws(Errno) -> [NftablesRule] {
        for _ in 0..<Netlink.dumpAttempts {
            if let rules = try dumpRules(of: table) { return rules }
        }
        throw .interrupted
    }
}

/// Why a transaction was refused.
package struct NftablesRefusal: Error, Hashable, Sendable {
    package let errno: Errno
    /// The place of the request at fault; nil where it was the transaction itself.
    package let request: Int?

    package init(errno: Errno, request: Int?) {
        self.errno = errno
        self.request = request
    }
}

/// A rule's place. Handles are not used twice in the life of a table.
package struct NftablesRule: Hashable, Sendable {
    package var chain: String
    package var handle: UInt64
}

// MARK: - Transactions

extension Nftables {
    private struct Answers {
        var count = 0
        var refusal: (place: Int, errno: Errno)?
    }

    private func transaction(_ requests: [NftablesRequest], at generation: UInt32?) -> [UInt8] {
        sequence &+= 1
        var datagram = NftablesMessage.begin(generation: generation, sequence: sequence)
        for request in requests {
            sequence &+= 1
            datagram += request.message(sequence: sequence)
        }
        sequence &+= 1
        return datagram + NftablesMessage.end(sequence: sequence)
    }

    private func receiveAnswers(from first: UInt32) throws(Errno) -> Answers {
        var answers = Answers()
        var isWaiting = true
        while isWaiting {
            isWaiting = try socket.receive { message in
                guard message.portID == socket.portID, let answer = NetlinkAnswer(message) else { return }
                answers.count += 1
                guard let errno = answer.errno, answers.refusal == nil else { return }
                answers.refusal = (Int(message.sequence &- first), errno)
            }
        }
        return answers
    }
}

/// An acknowledgement, `NLMSG_ERROR`.
private struct NetlinkAnswer {
    /// Nil for success.
    let errno: Errno?

    init?(_ message: NetlinkMessage) {
        guard message.type == NLMSG_ERROR, let header = message.header(as: nlmsgerr.self) else { return nil }
        errno = header.error == 0 ? nil : Errno(0 &- header.error)
    }
}

// MARK: - Rules

extension Nftables {
    /// Nil when the ruleset changed while it was read.
    private func dumpRules(of table: NftablesTable) throws(Errno) -> [NftablesRule]? {
        sequence &+= 1
        let flags = NLM_F_ROOT | NLM_F_MATCH
        let request = unsafe NftablesMessage.message(NFT_MSG_GETRULE, table.family, flags: flags, sequence) { header in
            unsafe mnl_attr_put_strz(header, UInt16(NFTA_RULE_TABLE.rawValue), table.name)
        }
        try socket.send(request)
        var rules: [NftablesRule] = []
        var (isDone, isConsistent) = (false, true)
        while !isDone {
            let isMore = try socket.receive { message in
                guard message.sequence == sequence else { return }
                if message.flags & NLM_F_DUMP_INTR != 0 { isConsistent = false }
                if message.type == NLMSG_DONE || message.type == NLMSG_ERROR { isDone = true }
                if let rule = NftablesRule(message, of: table) { rules.append(rule) }
            }
            if !isMore { return nil }
        }
        return isConsistent ? rules : nil
    }
}

extension NftablesRule {
    fileprivate init?(_ message: NetlinkMessage, of table: NftablesTable) {
        guard message.type == Int(NFNL_SUBSYS_NFTABLES) << 8 | Int(NFT_MSG_NEWRULE.rawValue) else { return nil }
        var (chain, handle, name): (String?, UInt64?, String?)
        message.forEachAttribute(after: nfgenmsg.self) { attribute in
            switch Int(attribute.type) {
            case Int(NFTA_RULE_TABLE.rawValue): name = attribute.string
            case Int(NFTA_RULE_CHAIN.rawValue): chain = attribute.string
            case Int(NFTA_RULE_HANDLE.rawValue):
                handle = attribute.integer(as: UInt64.self).map(UInt64.init(bigEndian:))
            default: break
            }
        }
        guard name == table.name, let chain, let handle else { return nil }
        self.init(chain: chain, handle: handle)
    }
}
