import Elections
import Fuzzing
import Net
import Raft
import Time

/// Two honest nodes, and a network that keeps every datagram and delivers it late, again, or never.
///
/// An input says what happens: a node seals something, one of the datagrams so far is delivered, a node restarts, perhaps
/// with another release. What is heard was sent, is heard once, and never comes from an earlier run than what was heard before.
private struct Conversation {
    private struct Datagram {
        let bytes: [UInt8]
        let sender: Int
        let run: UInt128
        let content: Content
        var wasHeard = false
    }

    private enum Content: Equatable {
        case introduction
        case message(Message)
        case letter(Letter)
        case will(Message)
    }

    private var nodes = [Conversation.node(0, run: 1, speaking: 1), Conversation.node(1, run: 1, speaking: 1)]
    private var sent: [Datagram] = []
    /// The latest run of the other that each node's present run has heard.
    private var heard: [UInt128] = [0, 0]
    private var time: Int64 = 1_000_000_000
    private var term: UInt64 = 0

    private static let members = [("a", "192.0.2.1:7946"), ("b", "192.0.2.2:7946")].map { name, address in
        guard let id = NodeID(name), let endpoint = Endpoint(address) else { fatalError("\(name) at \(address)") }
        return ConfiguredNode(id: id, endpoint: endpoint)
    }

    private static func node(_ place: Int, run: UInt128, speaking newest: UInt8) -> SealedTransport {
        var node = SealedTransport(
            id: members[place].id,
            storage: StorageID(UInt128(place) + 1),
            boot: run,
            secrets: [.insecure],
            versions: WireVersions(newest: newest)
        )
        node.cluster = ClusterID(0xc1)
        node.know(members)
        return node
    }

    mutating func happen(_ input: inout FuzzInput) {
        let step = input.byte()
        let place = Int(step & 1)
        time += 10_000_000
        switch step >> 1 & 7 {
        case 0: restart(place, speaking: step & 0x10 == 0 ? 1 : 2)
        case 1 where step & 0x10 != 0: sealLetter(place)
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

    private mutating func restart(_ place: Int, speaking newest: UInt8) {
        nodes[place] = Self.node(place, run: nodes[place].boot + 1, speaking: newest)
        heard[place] = 0
    }

    private mutating func seal(_ place: Int, _ message: Message) {
        guard let datagram = nodes[place].seal(message, to: Self.members[1 - place].id) else {
            fatalError("\(message) is not sealed")
        }
        note(datagram, of: place, .message(message))
    }

    private mutating func sealLetter(_ place: Int) {
        let letter = Letter.question(Letter.Question(QuestionNumber(nextTerm().number), "status"))
        guard let datagram = nodes[place].seal(letter, to: Self.members[1 - place].id) else {
            fatalError("\(letter) is not sealed")
        }
        note(datagram, of: place, .letter(letter))
    }

    private mutating func sealWill(_ place: Int) {
        let term = nextTerm()
        for datagram in nodes[place].sealWill(of: term) { note(datagram, of: place, .will(.released(term))) }
    }

    private mutating func note(_ datagram: OutgoingDatagram, of place: Int, _ content: Content) {
        require(datagram.destination == Self.members[1 - place].endpoint, "sent to \(datagram.destination)")
        let run = nodes[place].boot
        sent.append(Datagram(bytes: datagram.bytes, sender: place, run: run, content: content))
    }

    private mutating func deliver(_ number: Int) {
        let datagram = sent[number]
        let receiver = 1 - datagram.sender
        let source = Self.members[datagram.sender]
        let now = Instant(boottime: time, raw: time)
        switch nodes[receiver].open(datagram.bytes, from: source.endpoint, at: now) {
        case .refused(_, let answer):
            if case .will = datagram.content { fatalError("a will is refused") }
            if let answer { note(answer, of: receiver, .introduction) }
        case .probed: fatalError("nobody probes")
        case .introduced(let id):
            require(id == source.id && datagram.content == .introduction, "introduced as \(id)")
            hear(number, by: receiver)
        case .letter(let letter, let sender): hear(.letter(letter), number, from: sender, by: receiver)
        case .message(let message, let sender):
            if datagram.content == .will(message) { return check(sender, datagram) }
            hear(.message(message), number, from: sender, by: receiver)
        }
    }

    private mutating func hear(_ content: Content, _ number: Int, from sender: Sender, by receiver: Int) {
        require(content == sent[number].content, "heard \(content) instead of \(sent[number].content)")
        check(sender, sent[number])
        hear(number, by: receiver)
    }

    private func check(_ sender: Sender, _ datagram: Datagram) {
        let isTrue = sender.id == Self.members[datagram.sender].id && sender.boot == datagram.run
        require(isTrue, "heard from \(sender)")
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
