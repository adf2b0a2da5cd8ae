internal import CMnl

extension NetlinkMessage {
    /// The longest request: the headers, and five attributes of which two hold an IPv6 address. A full batch of them is
    /// 32 KiB.
    static let lengthLimit = 128

    /// A request as the kernel reads it: the netlink header, the fixed structure, and what `putAttributes` puts behind.
    static func request<Header: BitwiseCopyable>(
        _ type: Int,
        flags: Int32,
        sequence: UInt32,
        header: Header,
        putAttributes: (UnsafeMutablePointer<nlmsghdr>) -> Void = { _ in }
    ) -> [UInt8] {
        var bytes = [UInt8](repeating: 0, count: lengthLimit)
        let length = unsafe bytes.withUnsafeMutableBytes { buffer -> Int in
            guard let message = unsafe mnl_nlmsg_put_header(buffer.baseAddress),
                let payload = unsafe mnl_nlmsg_put_extra_header(message, MemoryLayout<Header>.size)
            else { return 0 }
            unsafe message.pointee.nlmsg_type = UInt16(type)
            unsafe message.pointee.nlmsg_flags = UInt16(NLM_F_REQUEST | flags)
            unsafe message.pointee.nlmsg_seq = sequence
            unsafe payload.storeBytes(of: header, as: Header.self)
            unsafe putAttributes(message)
            return Int(unsafe message.pointee.nlmsg_len)
        }
        precondition(length <= lengthLimit, "a request of \(length) bytes")
        return Array(bytes[..<length])
    }
}
