internal import CMnl
internal import CNftnl
internal import Glibc

/// A chain that the kernel itself sends packets through.
package struct NftablesBaseChain: Hashable, Sendable {
    package enum Hook: UInt32, Hashable, Sendable {
        case input = 1
        case output = 3
    }

    /// `inet filter input`, as nft(8) names it.
    package var family: String
    package var table: String
    package var name: String
    package var hook: Hook
    /// What no rule decides on is dropped.
    package var isDropping: Bool
}

extension Nftables {
    /// The chains at the hooks input and output of IP, in all tables.
    package func baseChains() throws(Errno) -> [NftablesBaseChain] {
        for _ in 0..<Netlink.dumpAttempts {
            if let chains = try dumpChains() { return chains }
        }
        throw .interrupted
    }

    /// Nil when the ruleset changed while it was read.
    private func dumpChains() throws(Errno) -> [NftablesBaseChain]? {
        let sequence = nextSequence()
        try socket.send(
            unsafe NftablesMessage.message(NFT_MSG_GETCHAIN, nil, flags: NLM_F_ROOT | NLM_F_MATCH, sequence) { _ in }
        )
        var chains: [NftablesBaseChain] = []
        var (isDone, isConsistent) = (false, true)
        var refusal: Errno?
        while !isDone {
            let isMore = try socket.receive { message in
                guard message.sequence == sequence else { return }
                if message.flags & NLM_F_DUMP_INTR != 0 { isConsistent = false }
                if message.type == NLMSG_ERROR, let code = message.header(as: Int32.self), code < 0 {
                    refusal = Errno(0 &- code)
                }
                if message.type == NLMSG_DONE || message.type == NLMSG_ERROR { isDone = true }
                if let chain = NftablesBaseChain(message) { chains.append(chain) }
            }
            if !isMore { return nil }
        }
        if let refusal { throw refusal }
        return isConsistent ? chains : nil
    }
}

extension NftablesBaseChain {
    /// `NFPROTO_INET`, `NFPROTO_IPV4`, `NFPROTO_IPV6`: the families whose hooks IP passes.
    private static let families: [UInt8: String] = [1: "inet", 2: "ip", 10: "ip6"]

    fileprivate init?(_ message: NetlinkMessage) {
        guard message.type == Int(NFNL_SUBSYS_NFTABLES) << 8 | Int(NFT_MSG_NEWCHAIN.rawValue),
            let header = message.header(as: nfgenmsg.self), let family = Self.families[header.nfgen_family]
        else { return nil }
        var (table, name, hook, policy): (String?, String?, UInt32?, UInt32?)
        message.forEachAttribute(after: nfgenmsg.self) { attribute in
            switch Int(attribute.type) {
            case Int(NFTA_CHAIN_TABLE.rawValue): table = attribute.string
            case Int(NFTA_CHAIN_NAME.rawValue): name = attribute.string
            case Int(NFTA_CHAIN_POLICY.rawValue):
                policy = attribute.integer(as: UInt32.self).map(UInt32.init(bigEndian:))
            case Int(NFTA_CHAIN_HOOK.rawValue):
                attribute.forEachNested { nested in
                    guard Int(nested.type) == Int(NFTA_HOOK_HOOKNUM.rawValue) else { return }
                    hook = nested.integer(as: UInt32.self).map(UInt32.init(bigEndian:))
                }
            default: break
            }
        }
        guard let table, let name, let hook = hook.flatMap(Hook.init) else { return nil }
        // NF_DROP is 0.
        self.init(family: family, table: table, name: name, hook: hook, isDropping: policy == 0)
    }
}
