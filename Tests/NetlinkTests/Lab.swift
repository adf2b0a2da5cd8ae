import CLinux
import Glibc
import Linux
import Net
import Testing

/// Two machines with a cable between them: `eth0` of each is up and has a hardware address and host addresses.
final class Lab {
    static let isPossible = getuid() == 0
    static let hereMAC = "02:00:00:00:00:01"
    static let vip4 = Prefix.of("192.0.2.10/32")
    static let vip6 = Prefix.of("2001:db8::10/128")

    let here: NetworkNamespace
    let there: NetworkNamespace
    /// `eth0` of this side.
    let eth0: InterfaceIndex

    init() throws {
        let (here, there) = (try NetworkNamespace(), try NetworkNamespace())
        try here.run {
            try ip("link add eth0 address \(Self.hereMAC) type veth peer name eth0 netns \(there.path)")
        }
        for (namespace, host) in [(here, 1), (there, 2)] {
            try namespace.run {
                try ip("link set lo up")
                try ip("link set eth0 up")
                try ip("address add 192.0.2.\(host)/24 dev eth0")
                try ip("address add 2001:db8::\(host)/64 dev eth0 nodad")
            }
        }
        for namespace in [here, there] {
            let isUsable = try namespace.run { try eventually { try shown("eth0").isUsable } }
            #expect(isUsable)
        }
        eth0 = try here.run { try shown("eth0").index }
        (self.here, self.there) = (here, there)
    }
}

extension Prefix {
    static func of(_ text: String) -> Prefix {
        guard let prefix = Prefix(text) else { preconditionFailure("not a prefix: \(text)") }
        return prefix
    }
}

/// The interface of this name in the current namespace.
func shown(_ name: String) throws -> Link {
    try #require(try Netlink().links().first { $0.name == name })
}

/// What is on any interface of the current namespace under this prefix.
func addresses(_ prefix: Prefix) throws -> [InterfaceAddress] {
    try Netlink().addresses().filter { $0.prefix == prefix }
}

struct CommandFailure: Error, CustomStringConvertible {
    let description: String
}

/// Runs `ip` in the current thread's namespace and returns what it printed.
@discardableResult
func ip(_ arguments: String) throws -> String {
    guard let pipe = unsafe popen("ip \(arguments) 2>&1", "r") else { throw Errno(errno) }
    var output: [UInt8] = []
    while case let character = unsafe fgetc(pipe), character != EOF { output.append(UInt8(character)) }
    let status = unsafe pclose(pipe)
    let text = String(decoding: output, as: UTF8.self)
    guard status == 0 else { throw CommandFailure(description: "ip \(arguments): \(text)") }
    return text
}

/// Asks until the answer is yes, for ten seconds: this may be a busy machine.
func eventually(_ condition: () throws -> Bool) rethrows -> Bool {
    for _ in 0..<1000 {
        if try condition() { return true }
        usleep(10_000)
    }
    return false
}

/// Runs `body` in this thread without any capability, as in a process that has dropped them.
func withoutCapabilities<Result>(_ body: () throws -> Result) throws -> Result {
    let held = try Capabilities.held()
    #expect(clinux_capset(0, held.permitted.rawValue, held.inheritable.rawValue) == 0)
    defer { _ = clinux_capset(held.effective.rawValue, held.permitted.rawValue, held.inheritable.rawValue) }
    return try body()
}
