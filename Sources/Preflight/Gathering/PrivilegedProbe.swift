package import Linux
package import Net
internal import Time

/// The part of `vip-switch doctor` that keeps the two capabilities, in a process of its own.
///
/// It is asked in messages of a fixed layout by the part that has none, and does no more than these three things: it asks
/// the neighbours who has some addresses, it puts a scratch address on an interface for a moment, and it lists the chains
/// of the packet filter. It reads no file, and of the network only what the kernel's filter takes for a claim.
package final class PrivilegedProbe {
    private let process: HelperProcess

    /// Nil where this process has nothing to hand on: then nothing of the kind can be asked.
    package static func start() -> PrivilegedProbe? {
        guard Capabilities.has([.netRaw]) || Capabilities.has([.netAdmin]) else { return nil }
        return (try? HelperProcess.start(name: "vip-doctor") { end in serve(end) }).map(PrivilegedProbe.init)
    }

    private init(_ process: HelperProcess) { self.process = process }

    /// Asks one thing; the answers come in the same order.
    package func ask(_ question: ProbeQuestion) { _ = try? process.socket.send(question.encoded()) }

    /// Nil where the process is gone, or has not answered in time.
    package func answer(within bound: Duration) -> ProbeAnswer? {
        try? process.socket.descriptor.waitUntilReadable(upTo: bound)
        try? process.socket.setNonBlocking()
        guard case .message(let bytes) = try? process.socket.receive() else { return nil }
        return ProbeAnswer(decoding: bytes)
    }

    private static func serve(_ end: consuming FileDescriptor) -> Never {
        guard (try? Capabilities.keepOnly([.netAdmin, .netRaw])) != nil, (try? Capabilities.setNoNewPrivileges()) != nil
        else { HelperProcess.end(1) }
        let socket = MessageSocket(end)
        while case .message(let bytes) = try? socket.receive() {
            guard let question = ProbeQuestion(decoding: bytes) else { HelperProcess.end(1) }
            guard case .sent = try? socket.send(question.answered().encoded()) else { break }
        }
        HelperProcess.end()
    }
}

/// What the privileged part may be asked.
package enum ProbeQuestion: Hashable, Sendable {
    /// Who has these addresses, at most `mostAddresses` in all.
    case whoHas([Target])
    case tryAddress(Prefix, on: InterfaceIndex)
    case baseChains

    package struct Target: Hashable, Sendable {
        package var address: IPAddress
        package var interface: InterfaceIndex

        package init(_ address: IPAddress, on interface: InterfaceIndex) {
            (self.address, self.interface) = (address, interface)
        }
    }

    package static let mostAddresses = 256

    private enum Kind: UInt8 { case whoHas = 1, tryAddress, baseChains }

    func encoded() -> [UInt8] {
        var bytes: [UInt8] = []
        switch self {
        case .whoHas(let targets):
            bytes.append(Kind.whoHas.rawValue)
            for target in targets { bytes += target.encoded() }
        case .tryAddress(let prefix, let interface):
            bytes.append(Kind.tryAddress.rawValue)
            bytes.append(UInt8(prefix.length))
            bytes += Target(prefix.address, on: interface).encoded()
        case .baseChains: bytes.append(Kind.baseChains.rawValue)
        }
        return bytes
    }

    init?(decoding bytes: [UInt8]) {
        switch bytes.first.flatMap(Kind.init) {
        case .whoHas:
            var (targets, rest): ([Target], ArraySlice<UInt8>) = ([], bytes.dropFirst())
            while !rest.isEmpty, targets.count < Self.mostAddresses {
                guard let target = Target(taking: &rest) else { return nil }
                targets.append(target)
            }
            guard rest.isEmpty else { return nil }
            self = .whoHas(targets)
        case .tryAddress:
            var rest = bytes.dropFirst(2)
            guard bytes.count > 2, let target = Target(taking: &rest), rest.isEmpty,
                let prefix = Prefix(address: target.address, length: Int(bytes[1]))
            else { return nil }
            self = .tryAddress(prefix, on: target.interface)
        case .baseChains: self = .baseChains
        case nil: return nil
        }
    }
}

extension ProbeQuestion.Target {
    /// The interface in four bytes, the length of the address, the address.
    fileprivate func encoded() -> [UInt8] {
        var bytes: [UInt8] = []
        bytes.append(bigEndian: interface.rawValue)
        bytes.append(UInt8(address.bytes.count))
        return bytes + address.bytes
    }

    fileprivate init?(taking rest: inout ArraySlice<UInt8>) {
        guard rest.count >= 5 else { return nil }
        let index = rest.prefix(4).reduce(0) { $0 << 8 | UInt32($1) }
        let length = Int(rest[rest.startIndex + 4])
        rest = rest.dropFirst(5)
        guard rest.count >= length, let address = IPAddress(bytes: Array(rest.prefix(length))) else { return nil }
        rest = rest.dropFirst(length)
        self.init(address, on: InterfaceIndex(index))
    }
}

/// What it says.
package enum ProbeAnswer: Hashable, Sendable {
    /// The places of the addresses that somebody answered for, with the hardware address.
    case claims([Int: MACAddress])
    case passed
    case notSeen
    case chains([String])
    case failed(String)

    private enum Kind: UInt8 { case claims = 1, passed, notSeen, chains, failed }

    func encoded() -> [UInt8] {
        var bytes: [UInt8] = []
        switch self {
        case .claims(let claims):
            bytes.append(Kind.claims.rawValue)
            for (place, hardware) in claims.sorted(by: { $0.key < $1.key }) {
                bytes.append(bigEndian: UInt16(place))
                bytes += hardware.bytes
            }
        case .passed: bytes.append(Kind.passed.rawValue)
        case .notSeen: bytes.append(Kind.notSeen.rawValue)
        case .chains(let lines):
            bytes.append(Kind.chains.rawValue)
            bytes += Array(lines.joined(separator: "\n").utf8.prefix(32_768))
        case .failed(let reason):
            bytes.append(Kind.failed.rawValue)
            bytes += Array(reason.utf8.prefix(4096))
        }
        return bytes
    }

    init?(decoding bytes: [UInt8]) {
        let rest = bytes.dropFirst()
        switch bytes.first.flatMap(Kind.init) {
        case .claims:
            guard rest.count % 8 == 0 else { return nil }
            var claims: [Int: MACAddress] = [:]
            for start in stride(from: 1, to: bytes.count, by: 8) {
                claims[Int(bytes[start]) << 8 | Int(bytes[start + 1])] = MACAddress(
                    bytes: Array(bytes[start + 2..<start + 8])
                )
            }
            self = .claims(claims)
        case .passed: self = .passed
        case .notSeen: self = .notSeen
        case .chains: self = .chains(String(decoding: rest, as: UTF8.self).split(separator: "\n").map(String.init))
        case .failed: self = .failed(String(decoding: rest, as: UTF8.self))
        case nil: return nil
        }
    }
}
