internal import Net
internal import Raft
internal import Storage

/// The sealed part of a datagram: what only the sender can have said, before what it says.
struct Envelope: Hashable {
    /// `.none` while the sender belongs to no cluster.
    let cluster: ClusterID
    /// The receiver's boot as the sender has heard it last, and the highest counter of that boot; 0 for none.
    let receiverBoot: UInt128
    let receiverCounter: UInt64
    let storage: StorageID
    /// The message; empty in an introduction.
    let body: [UInt8]

    /// Of everything but the body.
    static let length = 56

    var bytes: [UInt8] {
        var bytes: [UInt8] = []
        bytes.append(bigEndian: cluster.bits)
        bytes.append(bigEndian: receiverBoot)
        bytes.append(bigEndian: receiverCounter)
        bytes.append(bigEndian: storage.bits)
        return bytes + body
    }
}

extension Envelope {
    init(reading bytes: [UInt8]) throws(Malformed) {
        var reader = FieldReader(bytes)
        cluster = try reader.cluster()
        receiverBoot = try reader.integer(UInt128.self)
        receiverCounter = try reader.integer(UInt64.self)
        storage = try reader.storage()
        guard storage != .none else { throw .invalid("a sender without a disk") }
        body = Array(bytes[Self.length...])
    }
}
