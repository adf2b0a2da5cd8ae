internal import CNftnl
internal import Glibc

/// `NF_ACCEPT` and `NF_DROP` of `linux/netfilter.h`, which does not go together with the C library's headers.
enum Verdict {
    static let accept: UInt32 = 1
    static let drop: UInt32 = 0
}

extension NftablesExpression {
    /// Where a value stays from step to step (`NFT_REG_1`); verdicts have register 0.
    private static let value = UInt32(NFT_REG_1.rawValue)

    func allocated() -> OpaquePointer? {
        switch self {
        case .loadProtocolFamily:
            unsafe Self.allocated(
                "meta",
                [(NFTNL_EXPR_META_KEY, UInt32(NFT_META_NFPROTO.rawValue)), (NFTNL_EXPR_META_DREG, Self.value)]
            )
        case .loadHeader(let offset, let length):
            unsafe Self.allocated(
                "payload",
                [
                    (NFTNL_EXPR_PAYLOAD_BASE, UInt32(NFT_PAYLOAD_NETWORK_HEADER.rawValue)),
                    (NFTNL_EXPR_PAYLOAD_OFFSET, offset), (NFTNL_EXPR_PAYLOAD_LEN, length),
                    (NFTNL_EXPR_PAYLOAD_DREG, Self.value),
                ]
            )
        case .loadAddressType(let ofSource): unsafe Self.addressType(ofSource: ofSource)
        case .isEqual(let bytes): unsafe Self.comparison(with: bytes)
        case .isFound(let set): unsafe Self.lookup(in: set)
        case .count: unsafe Self.allocated("counter", [])
        case .accept: unsafe Self.verdict(Verdict.accept)
        case .drop: unsafe Self.verdict(Verdict.drop)
        }
    }

    private static func addressType(ofSource: Bool) -> OpaquePointer? {
        let flag = ofSource ? NFTA_FIB_F_SADDR : NFTA_FIB_F_DADDR
        return unsafe allocated(
            "fib",
            [
                (NFTNL_EXPR_FIB_RESULT, UInt32(NFT_FIB_RESULT_ADDRTYPE.rawValue)),
                (NFTNL_EXPR_FIB_FLAGS, UInt32(flag.rawValue)), (NFTNL_EXPR_FIB_DREG, value),
            ]
        )
    }

    private static func comparison(with bytes: [UInt8]) -> OpaquePointer? {
        let expression = unsafe allocated(
            "cmp",
            [(NFTNL_EXPR_CMP_SREG, value), (NFTNL_EXPR_CMP_OP, UInt32(NFT_CMP_EQ.rawValue))]
        )
        _ = unsafe nftnl_expr_set(expression, UInt16(NFTNL_EXPR_CMP_DATA), bytes, UInt32(bytes.count))
        return unsafe expression
    }

    private static func lookup(in set: NftablesSet) -> OpaquePointer? {
        let expression = unsafe allocated("lookup", [(NFTNL_EXPR_LOOKUP_SREG, value)])
        _ = unsafe nftnl_expr_set_str(expression, UInt16(NFTNL_EXPR_LOOKUP_SET), set.name)
        if set.kind == .verdicts {
            unsafe nftnl_expr_set_u32(expression, UInt16(NFTNL_EXPR_LOOKUP_DREG), UInt32(NFT_REG_VERDICT.rawValue))
        }
        return unsafe expression
    }

    private static func verdict(_ verdict: UInt32) -> OpaquePointer? {
        unsafe allocated(
            "immediate",
            [(NFTNL_EXPR_IMM_DREG, UInt32(NFT_REG_VERDICT.rawValue)), (NFTNL_EXPR_IMM_VERDICT, verdict)]
        )
    }

    private static func allocated(_ name: String, _ numbers: [(attribute: Int, value: UInt32)]) -> OpaquePointer? {
        let expression = unsafe nftnl_expr_alloc(name)
        for (attribute, value) in numbers { unsafe nftnl_expr_set_u32(expression, UInt16(attribute), value) }
        return unsafe expression
    }
}
