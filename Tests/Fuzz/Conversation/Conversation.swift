import Elections
import Fuzzing
import Net
import Raft
import Time

/// Two honest nodes, and a network that keeps every datagram and delivers it late, again, or never.
///
/// An input says what happens: a node seals something, one of the datagrams so far is delivered, a node restarts. What
/// is heard was sent, is heard once, and never comes from an earlier run than what was heard before.
private struct Conversation {
    private struct Datagram {
        let bytes: [UInt8]
        let sender: Int
        let run: UInt128
        /// Nil for an introduction.
        let message: Message?
        let isWill: Bool
        var wasHeard = false
    }

    private var nodes = [Conversation.node(0, run: 1), Conversation.node(1, run: 1)]
    private var sent: [Datagram] = []
    /// The latest run of the other that each node's present run has heard.
    private var heard: [UInt128] = [0, 0]
    private var time: Int64 = 1_000_000_000
    private var term: UInt64 = 0

    private static let members = [("a", "192.0.2.1:7946"), ("b", "192.0.2.2:7946")].map { name, address in
        guard let id = NodeID(name), let endpoint = Endpoint(address) else { fatalError("\(name) at \(address)") }
        return ConfiguredNode(id: id, endpoint: endpoint)
    }

    private static func node(_ place: Int, run: UInt128) -> SealedTransport {
        let storage = StorageID(UInt128(place) + 1)
        var node = SealedTransport(id: members[place].id, storage: storage, boot: run, secrets: [.insecure])
        node.cluster = ClusterID(0xc1)
        node.know(members)
        return node
    }

    mutating func happen(_ input: inout FuzzInput) {
        let step = input.byte()
        let place = Int(step & 1)
        time += 10_000_000
        switch step >> 1 & 7 {
        case 0: restart(place)
        case 1: seal(place, Message.released(nextTerm()))
        case 2: sealWill(place)
        case 3: if let last = sent.indices.last { deliver(last) }
        default: if !sent.isEmpty { deliver(input.number() % sent.count) }
        }
    }

    private mutating func nextTerm() -> Term {
        term += 1
        return Term(term)
    }

    private mutating func restart(_ place: Int) {
        nodes[place] = Self.node(place, run: nodes[place].boot + 1)
        heard[place] = 0
    }

    private mutating func seal(_ place: Int, _ message: Message) {
        guard let datagram = nodes[place].seal(message, to: Self.members[1 - place].id) else {
            fatalError("\(message) is not sealed")
        }
        note(datagram, of: place, message)
    }

    private mutating func sealWill(_ place: Int) {
        let term = nextTerm()
        for datagram in nodes[place].sealWill(of: term) { note(datagram, of: place, .released(term), isWill: true) }
    }

    private mutating func note(_ datagram: OutgoingDatagram, of place: Int, _ message: Message?, isWill: Bool = false) {
        require(datagram.destination == Self.members[1 - place].endpoint, "sent to \(datagram.destination)")
        let run = nodes[place].boot
        sent.append(Datagram(bytes: datagram.bytes, sender: place, run: run, message: message, isWill: isWill))
    }

    private mutating func deliver(_ number: Int) {
        let datagram = sent[number]
        let receiver = 1 - datagram.sender
        let source = Self.members[datagram.sender]
        let now = Instant(boottime: time, raw: time)
        switch nodes[receiver].open(datagram.bytes, from: source.endpoint, at: now) {
        case .refused(_, let answer):
            require(!datagram.isWill, "a will is refused")
            if let answer { note(answer, of: receiver, nil) }
        case .probed: fatalError("nobody probes")
        case .letter(let letter, _): fatalError("nobody has sent \(letter)")
        case .introduced(let id):
            require(id == source.id && datagram.message == nil, "introduced as \(id)")
            hear(number, by: receiver)
        case .message(let message, let sender):
            require(message == datagram.message, "heard \(message) instead of \(String(describing: datagram.message))")
            require(sender.id == source.id && sender.boot == datagram.run, "heard from \(sender)")
            if !datagram.isWill { hear(number, by: receiver) }
        }
    }

    private mutating func hear(_ number: Int, by receiver: Int) {
        require(!sent[number].wasHeard, "heard twice")
        sent[number].wasHeard = true
        require(sent[number].run >= heard[receiver], "heard from an earlier run")
        heard[receiver] = sent[number].run
    }
}

@c(LLVMFuzzerTestOneInput) public func test(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
    var input = unsafe FuzzInput(start, min(count, 400))
    var conversation = Conversation()
    while !input.isAtEnd { conversation.happen(&input) }
    return 0
}
