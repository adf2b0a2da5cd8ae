internal import CLinux
internal import Glibc

/// The system's resolver. It may take seconds, so only commands ask it, never a loop.
package enum Resolver {
    /// The first address of a host name, as a literal; nil where there is none.
    package static func address(of name: String) -> String? {
        var hints = unsafe addrinfo()
        unsafe hints.ai_socktype = Int32(SOCK_DGRAM.rawValue)
        var found: UnsafeMutablePointer<addrinfo>?
        guard unsafe getaddrinfo(name, nil, &hints, &found) == 0, let first = unsafe found else { return nil }
        defer { unsafe freeaddrinfo(first) }
        var host = [CChar](repeating: 0, count: Int(NI_MAXHOST))
        let capacity = socklen_t(host.count)
        let result = unsafe getnameinfo(
            first.pointee.ai_addr,
            first.pointee.ai_addrlen,
            &host,
            capacity,
            nil,
            0,
            NI_NUMERICHOST
        )
        guard result == 0 else { return nil }
        return String(decoding: host.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }
}
