internal import CMnl
internal import CNftnl
internal import Glibc

/// One message each, as libnftnl writes it.
extension NftablesRequest {
    /// All are acknowledged, so that none fails in silence.
    func message(sequence: UInt32) -> [UInt8] {
        switch self {
        case .addTable(let table): table.message(NFT_MSG_NEWTABLE, NLM_F_CREATE, sequence)
        case .removeTable(let table): table.message(NFT_MSG_DELTABLE, 0, sequence)
        case .addSet(let set): set.message(sequence)
        case .addChain(let chain): chain.message(sequence)
        case .addRule(let expressions, let chain): chain.message(adding: expressions, sequence)
        case .addElements(let elements, let set, let isNew):
            set.message(NFT_MSG_NEWSETELEM, NLM_F_CREATE | (isNew ? NLM_F_EXCL : 0), elements, sequence)
        case .removeElements(let elements, let set): set.message(NFT_MSG_DELSETELEM, 0, elements, sequence)
        }
    }
}

/// The messages around a transaction and beside it.
enum NftablesMessage {
    /// Bytes of a message without its elements, and of each of these, with room to spare: libnftnl does not ask.
    private static let room = 4096
    private static let roomOfElement = 256

    /// `NFNL_MSG_BATCH_BEGIN`: with a generation, the kernel refuses the batch as outdated where the ruleset has another.
    static func begin(generation: UInt32?, sequence: UInt32) -> [UInt8] {
        unsafe written { buffer in
            guard let header = unsafe nftnl_batch_begin(buffer, sequence) else { return 0 }
            if let generation {
                unsafe mnl_attr_put_u32(header, UInt16(NFNL_BATCH_GENID.rawValue), generation.bigEndian)
            }
            return Int(unsafe header.pointee.nlmsg_len)
        }
    }

    /// `NFNL_MSG_BATCH_END`
    static func end(sequence: UInt32) -> [UInt8] {
        unsafe written { buffer in
            guard let header = unsafe nftnl_batch_end(buffer, sequence) else { return 0 }
            return Int(unsafe header.pointee.nlmsg_len)
        }
    }

    /// A message with what `build` puts behind its header.
    static func message(
        _ type: nf_tables_msg_types,
        _ family: NftablesTable.Family?,
        flags: Int32,
        elements: Int = 0,
        _ sequence: UInt32,
        build: (UnsafeMutablePointer<nlmsghdr>) -> Void
    ) -> [UInt8] {
        precondition(elements <= NftablesRequest.Limit.elements, "a request of \(elements) elements")
        return unsafe written(room + elements * roomOfElement) { buffer in
            let header = unsafe nftnl_nlmsg_build_hdr(
                buffer,
                UInt16(type.rawValue),
                family?.rawValue ?? 0,
                UInt16(flags),
                sequence
            )
            guard let header = unsafe header else { return 0 }
            unsafe build(header)
            return Int(unsafe header.pointee.nlmsg_len)
        }
    }

    /// What `write` leaves in a buffer of zeros, and says how long it is.
    private static func written(_ size: Int = room, _ write: (UnsafeMutablePointer<CChar>) -> Int) -> [UInt8] {
        unsafe withUnsafeTemporaryAllocation(byteCount: size, alignment: 8) { buffer in
            unsafe buffer.initializeMemory(as: UInt8.self, repeating: 0)
            guard let start = unsafe buffer.baseAddress?.assumingMemoryBound(to: CChar.self) else { return [] }
            let length = unsafe write(start)
            precondition(length <= size, "a message of \(length) bytes")
            return unsafe Array(buffer[..<length])
        }
    }
}

extension NftablesTable {
    fileprivate func message(_ type: nf_tables_msg_types, _ flags: Int32, _ sequence: UInt32) -> [UInt8] {
        unsafe NftablesMessage.message(type, family, flags: NLM_F_ACK | flags, sequence) { header in
            let table = unsafe nftnl_table_alloc()
            defer { unsafe nftnl_table_free(table) }
            _ = unsafe nftnl_table_set_str(table, UInt16(NFTNL_TABLE_NAME.rawValue), name)
            unsafe nftnl_table_nlmsg_build_payload(header, table)
        }
    }
}

extension NftablesSet {
    /// Within a transaction sets are told apart by their names, but the kernel wants a number as well.
    private static let number: UInt32 = 1
    /// `NFT_DATA_VERDICT`
    private static let verdicts: UInt32 = 0xffff_ff00

    fileprivate func message(_ sequence: UInt32) -> [UInt8] {
        unsafe NftablesMessage.message(NFT_MSG_NEWSET, table.family, flags: NLM_F_ACK | NLM_F_CREATE, sequence) {
            header in
            let set = unsafe named()
            defer { unsafe nftnl_set_free(set) }
            unsafe nftnl_set_set_u32(set, UInt16(NFTNL_SET_ID.rawValue), Self.number)
            unsafe nftnl_set_set_u32(set, UInt16(NFTNL_SET_KEY_TYPE.rawValue), key.rawValue)
            unsafe nftnl_set_set_u32(set, UInt16(NFTNL_SET_KEY_LEN.rawValue), key.length)
            switch kind {
            case .timed:
                unsafe nftnl_set_set_u32(set, UInt16(NFTNL_SET_FLAGS.rawValue), NFT_SET_TIMEOUT.rawValue)
                let shortest = NftablesRequest.Limit.shortestTime
                unsafe nftnl_set_set_u64(set, UInt16(NFTNL_SET_TIMEOUT.rawValue), shortest)
            case .verdicts:
                unsafe nftnl_set_set_u32(set, UInt16(NFTNL_SET_FLAGS.rawValue), NFT_SET_MAP.rawValue)
                unsafe nftnl_set_set_u32(set, UInt16(NFTNL_SET_DATA_TYPE.rawValue), Self.verdicts)
                unsafe nftnl_set_set_u32(set, UInt16(NFTNL_SET_DATA_LEN.rawValue), 0)
            }
            unsafe nftnl_set_nlmsg_build_payload(header, set)
        }
    }

    fileprivate func message(
        _ type: nf_tables_msg_types,
        _ flags: Int32,
        _ elements: [NftablesElement],
        _ sequence: UInt32
    ) -> [UInt8] {
        let flags = NLM_F_ACK | flags
        return unsafe NftablesMessage.message(type, table.family, flags: flags, elements: elements.count, sequence) {
            header in
            let set = unsafe named()
            // Frees its elements, too.
            defer { unsafe nftnl_set_free(set) }
            for element in elements { unsafe nftnl_set_elem_add(set, element.allocated()) }
            unsafe nftnl_set_elems_nlmsg_build_payload(header, set)
        }
    }

    private func named() -> OpaquePointer? {
        let set = unsafe nftnl_set_alloc()
        _ = unsafe nftnl_set_set_str(set, UInt16(NFTNL_SET_TABLE.rawValue), table.name)
        _ = unsafe nftnl_set_set_str(set, UInt16(NFTNL_SET_NAME.rawValue), name)
        return unsafe set
    }
}

extension NftablesElement {
    fileprivate func allocated() -> OpaquePointer? {
        let element = unsafe nftnl_set_elem_alloc()
        _ = unsafe nftnl_set_elem_set(element, UInt16(NFTNL_SET_ELEM_KEY), key, UInt32(key.count))
        switch value {
        case .none: break
        case .time(let milliseconds):
            unsafe nftnl_set_elem_set_u64(element, UInt16(NFTNL_SET_ELEM_TIMEOUT), milliseconds)
        case .goto(let chain):
            unsafe nftnl_set_elem_set_u32(
                element,
                UInt16(NFTNL_SET_ELEM_VERDICT),
                UInt32(bitPattern: NFT_GOTO.rawValue)
            )
            _ = unsafe nftnl_set_elem_set_str(element, UInt16(NFTNL_SET_ELEM_CHAIN), chain)
        }
        return unsafe element
    }
}

extension NftablesChain {
    fileprivate func message(_ sequence: UInt32) -> [UInt8] {
        unsafe NftablesMessage.message(NFT_MSG_NEWCHAIN, table.family, flags: NLM_F_ACK | NLM_F_CREATE, sequence) {
            header in
            let chain = unsafe nftnl_chain_alloc()
            defer { unsafe nftnl_chain_free(chain) }
            _ = unsafe nftnl_chain_set_str(chain, UInt16(NFTNL_CHAIN_TABLE.rawValue), table.name)
            _ = unsafe nftnl_chain_set_str(chain, UInt16(NFTNL_CHAIN_NAME.rawValue), name)
            if let hook {
                _ = unsafe nftnl_chain_set_str(chain, UInt16(NFTNL_CHAIN_TYPE.rawValue), "filter")
                unsafe nftnl_chain_set_u32(chain, UInt16(NFTNL_CHAIN_HOOKNUM.rawValue), hook.number)
                unsafe nftnl_chain_set_s32(chain, UInt16(NFTNL_CHAIN_PRIO.rawValue), hook.priority)
                unsafe nftnl_chain_set_u32(chain, UInt16(NFTNL_CHAIN_POLICY.rawValue), Verdict.accept)
            }
            unsafe nftnl_chain_nlmsg_build_payload(header, chain)
        }
    }

    fileprivate func message(adding expressions: [NftablesExpression], _ sequence: UInt32) -> [UInt8] {
        let flags = NLM_F_ACK | NLM_F_CREATE | NLM_F_APPEND
        return unsafe NftablesMessage.message(NFT_MSG_NEWRULE, table.family, flags: flags, sequence) { header in
            let rule = unsafe nftnl_rule_alloc()
            // Frees its expressions, too.
            defer { unsafe nftnl_rule_free(rule) }
            _ = unsafe nftnl_rule_set_str(rule, UInt16(NFTNL_RULE_TABLE.rawValue), table.name)
            _ = unsafe nftnl_rule_set_str(rule, UInt16(NFTNL_RULE_CHAIN.rawValue), name)
            for expression in expressions { unsafe nftnl_rule_add_expr(rule, expression.allocated()) }
            unsafe nftnl_rule_nlmsg_build_payload(header, rule)
        }
    }
}
