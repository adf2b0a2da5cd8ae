internal import CLinux
internal import Glibc

/// A classic BPF program that lets through what may be another machine's claim to one of a few addresses, so that no
/// other frame wakes the process.
///
/// It looks at one word of the address. Where there are too many of them it lets all claims through: whoever reads them
/// looks again anyway.
struct ClaimFilter {
    /// Addresses that are compared one by one.
    static let mostAddresses = 256
    /// Bytes of a frame that are kept: an advertisement with its option is 86 long.
    static let snapLength = 256

    let instructions: [sock_filter]

    /// For frames of one EtherType, which the socket is bound to.
    init(_ family: ClaimSocket.Family, _ words: Set<UInt32>) {
        var program = Program()
        // Frames for other machines are let go, and with them those of a VLAN that has no interface here, which the
        // kernel marks so. What we send ourselves never reaches a socket of one EtherType.
        program.load(UInt32(bitPattern: SKF_AD_OFF + SKF_AD_PKTTYPE), size: BPF_B)
        program.rejectIfGreater(than: UInt32(PACKET_MULTICAST))
        switch family {
        case .arp:
            // RFC 826: Ethernet and IPv4, six bytes and four.
            program.expect(0x0001_0800, at: 14, size: BPF_W)
            program.expect(0x0604, at: 18, size: BPF_H)
            program.load(UInt32(28), size: BPF_W)
        case .advertisement:
            // RFC 8200 §3, RFC 4861 §4.4: ICMPv6 from this link, type 136, and the last word of the target.
            program.expect(0x3aff, at: 20, size: BPF_H)
            program.expect(136, at: 54, size: BPF_B)
            program.load(UInt32(74), size: BPF_W)
        }
        if words.count <= Self.mostAddresses {
            for word in words.sorted() { program.acceptIfEqual(to: word) }
        } else {
            program.accept()
        }
        program.reject()
        instructions = program.instructions
    }

    private struct Program {
        var instructions: [sock_filter] = []

        mutating func load(_ offset: UInt32, size: Int32) { add(BPF_LD | size | BPF_ABS, offset) }

        /// A load beyond the end of a frame rejects it, too.
        mutating func expect(_ value: UInt32, at offset: UInt32, size: Int32) {
            load(offset, size: size)
            add(BPF_JMP | BPF_JEQ | BPF_K, value, ifTrue: 1)
            reject()
        }

        mutating func rejectIfGreater(than value: UInt32) {
            add(BPF_JMP | BPF_JGT | BPF_K, value, ifFalse: 1)
            reject()
        }

        mutating func acceptIfEqual(to value: UInt32) {
            add(BPF_JMP | BPF_JEQ | BPF_K, value, ifFalse: 1)
            accept()
        }

        mutating func accept() { add(BPF_RET | BPF_K, UInt32(ClaimFilter.snapLength)) }
        mutating func reject() { add(BPF_RET | BPF_K, 0) }

        private mutating func add(_ code: Int32, _ operand: UInt32, ifTrue: UInt8 = 0, ifFalse: UInt8 = 0) {
            instructions.append(sock_filter(code: UInt16(code), jt: ifTrue, jf: ifFalse, k: operand))
        }
    }
}
