import Fuzzing
import Net
import Raft
import Time

@testable import Elections

/// Datagrams from somebody who has the key, and from somebody who has not.
///
/// An input is a row of datagrams for one run of a node: bytes as they are, or an envelope of any bytes, or a message of
/// any bytes in a true envelope; the last two are sealed here, so that the fuzzer comes behind the seal. They are of any
/// kind, and of versions that the node speaks, has for probes, or does not know.
private struct Hearing {
    private static let own = ConfiguredNode(id: name("a"), endpoint: endpoint("192.0.2.1:7946"))
    private static let peer = ConfiguredNode(id: name("b"), endpoint: endpoint("192.0.2.2:7946"))
    private static let stranger = endpoint("198.51.100.9:1")
    private static let secret = ClusterSecret.insecure
    private static let cluster = ClusterID(0xc1)
    private static let boot: UInt128 = 0xb00

    private var transport = started
    private var time: Int64 = 1_000_000_000

    /// Making the keys takes longer than all that follows.
    private static let started = {
        var transport = SealedTransport(id: own.id, storage: StorageID(1), boot: boot, secrets: [secret])
        transport.cluster = cluster
        transport.know([own, peer])
        // So that there is a counter to name.
        _ = transport.seal(.released(Term(0)), to: peer.id)
        return transport
    }()

    mutating func hear(_ input: inout FuzzInput) {
        let step = input.byte()
        let source = step & 0x80 == 0 ? Self.peer.endpoint : Self.stranger
        time += Int64(step & 0x70) * 1_000_000
        switch step & 0x03 {
        case 0, 1:
            let raw = input.frame()
            guard case .refused = open(raw, from: source) else { fatalError("heard without the key") }
        case 2: hear(envelope: input.frame(), header(&input, step), from: source)
        default:
            let header = header(&input, step)
            let envelope = Envelope(
                cluster: Self.cluster,
                receiverBoot: Self.boot,
                receiverCounter: 1,
                storage: StorageID(2),
                body: input.frame()
            )
            hear(envelope: envelope.bytes, header, from: source)
        }
    }

    private func header(_ input: inout FuzzInput, _ step: UInt8) -> DatagramHeader {
        let version = 1 ^ step >> 2 & 0x03
        return DatagramHeader(
            version: version,
            newest: max(1, version),
            kind: DatagramHeader.Kind(rawValue: input.byte()) ?? .message,
            keyID: Self.secret.keyID,
            sender: DatagramHeader.hash(of: Self.peer.id),
            receiver: DatagramHeader.hash(of: Self.own.id),
            boot: UInt128(input.byte()),
            counter: input.uint64()
        )
    }

    private mutating func hear(envelope: [UInt8], _ header: DatagramHeader, from source: Endpoint) {
        let purpose: ClusterSecret.Purpose =
            switch header.kind {
            case .message, .introduction, .letter: .messages
            case .will: .wills
            case .probe, .echo: .probes
            }
        let key = Self.secret.key(for: purpose, from: Self.peer.id, to: Self.own.id)
        let datagram = header.bytes + Seal.close(envelope, header: header.bytes, nonce: header.nonce, key: key)
        switch open(datagram, from: source) {
        case .refused: return
        case .introduced(let id): require(id == Self.peer.id, "introduced as \(id)")
        case .probed(let answer):
            require(answer.bytes.count == datagram.count && answer.destination == source, "another echo")
            return
        case .letter(let letter, let sender):
            require(sender.id == Self.peer.id && sender.boot == header.boot, "a letter from \(sender)")
            require((try? Letter(decoding: letter.encoded)) == letter, "said again it is no more \(letter)")
            require(transport.seal(letter, to: Self.peer.id) != nil, "a letter that cannot be sent on")
        case .message(let message, let sender):
            let isTrue = sender.id == Self.peer.id && sender.boot == header.boot
            require(isTrue && (try? Envelope(reading: envelope))?.storage == sender.storage, "heard from \(sender)")
            checkMessage(message)
            if header.kind == .will { return }
        }
        guard case .refused(.replayed, _) = open(datagram, from: source) else { fatalError("heard twice") }
    }

    /// Opens, and sees that every refusal is counted once.
    private mutating func open(_ datagram: [UInt8], from source: Endpoint) -> Opened {
        let before = transport.refusals.values.reduce(0, +)
        let opened = transport.open(datagram, from: source, at: Instant(boottime: time, raw: time))
        var refused: UInt64 = 0
        if case .refused(_, let answer) = opened {
            refused = 1
            require((answer?.bytes.count ?? 0) <= SealedTransport.datagramLimit, "an answer beyond the limit")
        }
        require(transport.refusals.values.reduce(0, +) == before + refused, "refusals are miscounted")
        return opened
    }

    /// What was understood is said again in the same way, if it fits.
    private mutating func checkMessage(_ message: Message) {
        require((try? Message(decoding: message.encoded())) == message, "said again it is no more \(message)")
        if let bytes = message.encoded(limit: SealedTransport.messageLimit) {
            require(bytes.count <= SealedTransport.messageLimit, "\(bytes.count) bytes")
            require((try? Message(decoding: bytes)) != nil, "cut to the limit it is not understood: \(message)")
        }
        let sealed = transport.seal(message, to: Self.peer.id)
        require((sealed?.bytes.count ?? 0) <= SealedTransport.datagramLimit, "a datagram beyond the limit")
    }
}

@c(LLVMFuzzerTestOneInput) public func test(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
    var input = unsafe FuzzInput(start, count)
    var hearing = Hearing()
    while !input.isAtEnd { hearing.hear(&input) }
    return 0
}

private func name(_ text: String) -> NodeID {
    guard let id = NodeID(text) else { fatalError("\(text) is no name") }
    return id
}

private func endpoint(_ text: String) -> Endpoint {
    guard let endpoint = Endpoint(text) else { fatalError("\(text) is no endpoint") }
    return endpoint
}
