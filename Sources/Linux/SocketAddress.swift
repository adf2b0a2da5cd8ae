internal import CLinux
internal import Glibc
internal import Net

/// The bytes of a `sockaddr_in` or `sockaddr_in6`: family in host order, all else in network order (ip(7), ipv6(7)).
struct SocketAddress {
    private var bytes: [UInt8]

    init(_ endpoint: Endpoint) {
        switch endpoint.address {
        case .v4(let address):
            bytes = Self.family(AF_INET)
            bytes.append(bigEndian: endpoint.port)
            bytes.append(bigEndian: address)
            bytes += Array(repeating: 0, count: 8)
        case .v6(let address):
            bytes = Self.family(AF_INET6)
            bytes.append(bigEndian: endpoint.port)
            bytes.append(bigEndian: UInt32(0))  // sin6_flowinfo
            bytes.append(bigEndian: address)
            bytes.append(bigEndian: UInt32(0))  // sin6_scope_id
        }
    }

    /// Room for an address that the kernel fills in.
    init() {
        bytes = Array(repeating: 0, count: MemoryLayout<sockaddr_in6>.size)
    }

    var domain: Int32 { bytes.starts(with: Self.family(AF_INET)) ? AF_INET : AF_INET6 }

    /// Nil for a family other than the two.
    var endpoint: Endpoint? {
        let span = unsafe bytes.span.bytes
        var offset = 2
        guard let port = try? span.readUInt16(at: &offset) else { return nil }
        if bytes.starts(with: Self.family(AF_INET)) {
            guard let address = try? span.readUInt32(at: &offset) else { return nil }
            return Endpoint(address: .v4(address), port: port)
        }
        offset += 4
        guard bytes.starts(with: Self.family(AF_INET6)), let address = try? span.readUInt128(at: &offset) else {
            return nil
        }
        return Endpoint(address: .v6(address), port: port)
    }

    private static func family(_ family: Int32) -> [UInt8] {
        unsafe withUnsafeBytes(of: sa_family_t(family)) { unsafe Array($0) }
    }
}

extension SocketAddress {
    func withPointer<Result>(_ body: (UnsafePointer<sockaddr>?, socklen_t) -> Result) -> Result {
        unsafe bytes.withUnsafeBytes { buffer in
            unsafe body(buffer.baseAddress?.assumingMemoryBound(to: sockaddr.self), socklen_t(buffer.count))
        }
    }

    mutating func fill<Result>(
        _ body: (UnsafeMutablePointer<sockaddr>?, UnsafeMutablePointer<socklen_t>) -> Result
    ) -> Result {
        unsafe bytes.withUnsafeMutableBytes { buffer in
            var length = socklen_t(buffer.count)
            return unsafe body(buffer.baseAddress?.assumingMemoryBound(to: sockaddr.self), &length)
        }
    }
}
