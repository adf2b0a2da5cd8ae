internal import CMnl

/// A socket's address on netlink (`nlmsg_pid`), which tells who asked for a change.
package struct PortID: Hashable, Sendable {
    package let rawValue: UInt32
    package init(_ rawValue: UInt32) { self.rawValue = rawValue }
    /// The kernel itself, for an address whose lifetime ended.
    package static let kernel = PortID(0)
}

/// One message of a received datagram; valid only inside the closure that it is handed to.
@safe struct NetlinkMessage {
    private let start: UnsafePointer<nlmsghdr>

    private init(_ start: UnsafePointer<nlmsghdr>) { unsafe self.start = unsafe start }

    /// Calls `body` with each complete message of a datagram; what is cut short at its end is left out.
    static func forEach(in datagram: UnsafeRawBufferPointer, _ body: (NetlinkMessage) -> Void) {
        guard var next = unsafe datagram.baseAddress?.assumingMemoryBound(to: nlmsghdr.self) else { return }
        var left = Int32(datagram.count)
        while unsafe mnl_nlmsg_ok(next, left) {
            body(unsafe NetlinkMessage(next))
            guard let following = unsafe mnl_nlmsg_next(next, &left) else { return }
            unsafe next = unsafe UnsafePointer(following)
        }
    }

    var type: Int { Int(unsafe start.pointee.nlmsg_type) }
    var flags: Int32 { Int32(unsafe start.pointee.nlmsg_flags) }
    var sequence: UInt32 { unsafe start.pointee.nlmsg_seq }
    var portID: PortID { PortID(unsafe start.pointee.nlmsg_pid) }

    /// The fixed structure that the payload begins with; nil when the payload is shorter.
    func header<Header: BitwiseCopyable>(as type: Header.Type) -> Header? {
        guard unsafe mnl_nlmsg_get_payload_len(start) >= MemoryLayout<Header>.size,
            let payload = unsafe mnl_nlmsg_get_payload(start)
        else { return nil }
        return unsafe payload.loadUnaligned(as: type)
    }

    /// Calls `body` with each attribute behind the fixed structure.
    func forEachAttribute<Header: BitwiseCopyable>(after: Header.Type, _ body: (NetlinkAttribute) -> Void) {
        let size = MemoryLayout<Header>.size
        guard unsafe mnl_nlmsg_get_payload_len(start) >= size,
            let first = unsafe mnl_nlmsg_get_payload_offset(start, size)
        else { return }
        // Not mnl_nlmsg_get_payload_tail: it rounds up, which in the last message of a buffer may lie outside.
        let end = unsafe UnsafeRawPointer(start) + Int(start.pointee.nlmsg_len)
        var next = unsafe UnsafeRawPointer(first).assumingMemoryBound(to: nlattr.self)
        while unsafe mnl_attr_ok(next, Int32(end - UnsafeRawPointer(next))) {
            body(unsafe NetlinkAttribute(next))
            guard let following = unsafe mnl_attr_next(next) else { return }
            unsafe next = unsafe UnsafePointer(following)
        }
    }
}

/// One attribute of a message; valid as long as the message is.
@safe struct NetlinkAttribute {
    let type: UInt16
    private let payload: UnsafeRawBufferPointer

    fileprivate init(_ start: UnsafePointer<nlattr>) {
        type = unsafe mnl_attr_get_type(start)
        unsafe payload = unsafe UnsafeRawBufferPointer(
            start: mnl_attr_get_payload(start),
            count: Int(mnl_attr_get_payload_len(start))
        )
    }

    var bytes: [UInt8] { unsafe Array(payload) }

    /// Calls `body` with each attribute of those that it consists of.
    func forEachNested(_ body: (NetlinkAttribute) -> Void) {
        guard let start = unsafe payload.baseAddress else { return }
        let end = unsafe start + payload.count
        var next = unsafe start.assumingMemoryBound(to: nlattr.self)
        while unsafe mnl_attr_ok(next, Int32(end - UnsafeRawPointer(next))) {
            body(unsafe NetlinkAttribute(next))
            guard let following = unsafe mnl_attr_next(next) else { return }
            unsafe next = unsafe UnsafePointer(following)
        }
    }

    /// The text before the terminating zero.
    var string: String { String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self) }

    /// A number in the host's byte order; nil when the attribute has another size.
    func integer<Integer: FixedWidthInteger & BitwiseCopyable>(as type: Integer.Type) -> Integer? {
        structure(as: type)
    }

    /// A kernel structure; nil when the attribute is shorter (newer kernels may append fields).
    func structure<Structure: BitwiseCopyable>(as type: Structure.Type) -> Structure? {
        guard unsafe payload.count >= MemoryLayout<Structure>.size else { return nil }
        return unsafe payload.loadUnaligned(as: type)
    }
}
