import Glibc
import Linux
import Net
import Testing

/// Two machines with a cable between them: `eth0` of each, up, with hardware addresses and a host address.
final class Lab {
    let here: NetworkNamespace
    let there: NetworkNamespace
    static let hereMAC = "02:00:00:00:00:01"
    static let thereMAC = "02:00:00:00:00:02"

    init() throws {
        here = try NetworkNamespace()
        there = try NetworkNamespace()
        try here.run {
            try ip(
                "link add eth0 address \(Self.hereMAC) type veth peer name eth0 address \(Self.thereMAC) netns \(there.path)"
            )
        }
        for (namespace, host) in [(here, 1), (there, 2)] {
            try namespace.run {
                try ip("link set lo up")
                try ip("link set eth0 up")
                try ip("address add 192.0.2.\(host)/24 dev eth0")
                try ip("address add 2001:db8::\(host)/64 dev eth0 nodad")
            }
        }
    }

    /// The interface that the tests of one machine work on.
    func interface() throws -> InterfaceIndex { try here.run { try link("eth0").index } }
}

/// The interface of this name in the current namespace.
func link(_ name: String) throws -> Link {
    try #require(try Netlink().links().first { $0.name == name })
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
