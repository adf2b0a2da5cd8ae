internal import Net
internal import Raft
internal import Storage

/// What stands in clear before the sealed part: enough to know with which key to open it.
///
///     offset  length
///          0       2  magic 0x5653 ("VS")
///          2       1  version
///          3       1  kind
///          4       1  the newest version that the sender speaks
///          5       1  group, 0 for now
///          6       4  key id
///         10       8  sender's name, hashed
///         18       8  receiver's name, hashed
///         26      16  sender's boot
///         42       8  counter
struct DatagramHeader: Hashable {
    enum Kind: UInt8 {
        case message = 1
        /// No message: "this is my boot, and that is yours".
        case introduction
        /// Sealed in advance under a key of its own, true for ever.
        case will
        /// Asks to be sent back, from whatever port: `vip-switch doctor` measures by it. Nothing is changed by one.
        case probe
        case echo
        /// A question between members, or a part of its answer: nothing that the election hears of. A release that does
        /// not know the kind refuses it and counts it.
        case letter

        /// Whether its counter is one of the sender's run, each to be heard once.
        var countsWithinBoot: Bool {
            switch self {
            case .message, .introduction, .letter: true
            case .will, .probe, .echo: false
            }
        }

        var isProbe: Bool { self == .probe || self == .echo }
    }

    static let length = 50
    /// Probes and their echoes have one layout for ever, so that a doctor can ask any release.
    static let probeVersion: UInt8 = 0
    private static let magic: UInt16 = 0x5653

    /// What the rest is written in.
    let version: UInt8
    let newest: UInt8
    let kind: Kind
    let keyID: UInt32
    let sender: UInt64
    let receiver: UInt64
    /// 128 random bits of the sender's run.
    let boot: UInt128
    /// Counts datagrams within a boot from 1: boot and counter make the nonce, which is never used twice.
    let counter: UInt64

    var bytes: [UInt8] {
        var bytes: [UInt8] = []
        bytes.append(bigEndian: Self.magic)
        bytes.append(version)
        bytes.append(kind.rawValue)
        bytes.append(newest)
        bytes.append(0)
        bytes.append(bigEndian: keyID)
        bytes.append(bigEndian: sender)
        bytes.append(bigEndian: receiver)
        return bytes + nonce
    }

    var nonce: [UInt8] {
        var nonce: [UInt8] = []
        nonce.append(bigEndian: boot)
        nonce.append(bigEndian: counter)
        return nonce
    }

    /// The first half of a BLAKE2b-128 of a node's name.
    static func hash(of id: NodeID) -> UInt64 {
        ClusterSecret.hash(Array(id.text.utf8), key: [], count: 16)[..<8].reduce(0) { $0 << 8 | UInt64($1) }
    }
}

extension DatagramHeader {
    init(reading datagram: [UInt8], speaking versions: WireVersions) throws(Refusal) {
        var reader = FieldReader(datagram)
        guard try reader.field(UInt16.self) == Self.magic else { throw .wrongMagic }
        version = try reader.field()
        let number: UInt8 = try reader.field()
        let kind = Kind(rawValue: number)
        if kind?.isProbe != true || version != Self.probeVersion {
            guard version <= versions.newest else { throw .versionTooNew }
            guard version >= versions.oldest else { throw .versionTooOld }
        }
        guard let kind, kind.isProbe == (version == Self.probeVersion) else { throw .unknownKind }
        newest = try reader.field()
        guard newest >= version else { throw .malformed }
        guard try reader.field(UInt8.self) == 0 else { throw .unknownGroup }
        self.kind = kind
        keyID = try reader.field()
        sender = try reader.field()
        receiver = try reader.field()
        boot = try reader.field()
        counter = try reader.field()
    }
}

extension FieldReader {
    /// A number of a header, which can have no other fault than to end too soon.
    fileprivate mutating func field<Number: FixedWidthInteger>(_ type: Number.Type = Number.self) throws(Refusal)
        -> Number
    {
        guard let number = try? integer(type) else { throw .cutShort }
        return number
    }
}

/// What can be read of a datagram of any version: claimed by whoever sent it, and proved by nothing.
struct ForeignHeader: Hashable {
    let version: UInt8
    let sender: UInt64
    let receiver: UInt64

    /// Nil for what is too short to have a sender.
    init?(_ datagram: [UInt8]) {
        var reader = FieldReader(datagram, from: 2)
        guard let version = try? reader.integer(UInt8.self) else { return nil }
        reader = FieldReader(datagram, from: 10)
        guard let sender = try? reader.integer(UInt64.self), let receiver = try? reader.integer(UInt64.self) else {
            return nil
        }
        (self.version, self.sender, self.receiver) = (version, sender, receiver)
    }
}
