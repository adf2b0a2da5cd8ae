import Raft

/// What travels: a sealed message, an introduction, or a last will.
final class Datagram {
    enum Content {
        case message(Message)
        /// "This is my boot; I do not know yours, or you do not know mine."
        case introduction
        /// Sealed in advance under a key of its own: no boot, and no window, decides whether it is heard.
        case will(Term)

        var renewsPromises: Bool {
            switch self {
            case .message(.append), .message(.snapshot): true
            default: false
            }
        }
    }

    let sender: Int
    let receiver: Int
    let storage: StorageID
    let boot: UInt128
    /// The receiver's boot as the sender last heard of it; 0 when it never did.
    let receiverBoot: UInt128
    let cluster: ClusterID
    let content: Content

    init(
        sender: Int,
        receiver: Int,
        storage: StorageID,
        boot: UInt128,
        receiverBoot: UInt128,
        cluster: ClusterID,
        content: Content
    ) {
        self.sender = sender
        self.receiver = receiver
        self.storage = storage
        self.boot = boot
        self.receiverBoot = receiverBoot
        self.cluster = cluster
        self.content = content
    }
}

/// What a node's transport knows of the others' runs.
struct Sessions {
    let boot: UInt128
    private var peers: [UInt128]

    init(boot: UInt128, nodes count: Int) {
        self.boot = boot
        peers = Array(repeating: 0, count: count)
    }

    func boot(of node: Int) -> UInt128 { peers[node] }

    enum Verdict {
        case heard
        /// Not heard, and answered with who we are.
        case introduce
        case dropped
    }

    /// A new boot of somebody counts only when it comes in a datagram that names ours: nobody can have recorded it
    /// before we started.
    mutating func judge(_ datagram: Datagram) -> Verdict {
        if datagram.receiverBoot == boot {
            peers[datagram.sender] = datagram.boot
            return .heard
        }
        if case .introduction = datagram.content { return .dropped }
        return .introduce
    }
}
