import CLinux
import Glibc
import Keeper
import Linux

/// Plays the agent for KeeperTests: forks a keeper, hands on what the test writes into a FIFO, prints what the keeper
/// says. Plan, requests and reports are lines of hexadecimal digits.
///
/// Arguments: the plan, or `none`; the FIFO's path; `dropped` to begin without capabilities.
@main
struct Program {
    static func main() throws {
        Signals.ignorePipe()
        let arguments = CommandLine.arguments
        if arguments.last == "dropped" { try Capabilities.dropAll() }
        let keeper = try KeeperLink.start {
            bytes(ofHexadecimal: arguments[1]).flatMap { try? KeeperPlan(decoding: $0) }
                .map { LoadedPlan($0, PlanDigest(bits: 0)) }
        }
        say("\(keeper.pid)")
        let loop = try EventLoop()
        try keeper.attach(to: loop) { event in
            switch event {
            case .reported(let report): say(hexadecimal(report.encoded()))
            case .gone: say("gone")
            }
        }
        // After the fork, as for every descriptor of the agent's own.
        let commands = FileDescriptor(owning: unsafe clinux_open(arguments[2], O_RDONLY | O_CLOEXEC | O_NONBLOCK, 0))
        var rest: [UInt8] = []
        _ = try loop.watch(commands) { readiness in
            // The test has ended, however it did.
            if readiness.contains(.hangup) { exit(0) }
            rest += (try? commands.read(upTo: 65_536)) ?? []
            while let end = rest.firstIndex(of: UInt8(ascii: "\n")) {
                let line = String(decoding: rest[..<end], as: UTF8.self)
                rest.removeSubrange(...end)
                obey(line, keeper)
            }
        }
        try loop.run()
    }

    private static func obey(_ line: String, _ keeper: KeeperLink) {
        guard let bytes = bytes(ofHexadecimal: line), let request = try? KeeperRequest(decoding: bytes) else { exit(2) }
        if !keeper.send(request) { say("lost") }
    }
}

private func say(_ line: String) {
    let output = FileDescriptor(owning: 1)
    try? output.writeAll(Array("\(line)\n".utf8))
    _ = output.release()
}

private func hexadecimal(_ bytes: [UInt8]) -> String {
    bytes.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
}

private func bytes(ofHexadecimal text: String) -> [UInt8]? {
    let digits = Array(text.utf8)
    guard digits.count % 2 == 0 else { return nil }
    var bytes: [UInt8] = []
    for index in stride(from: 0, to: digits.count, by: 2) {
        guard let byte = UInt8(String(decoding: digits[index...index + 1], as: UTF8.self), radix: 16) else {
            return nil
        }
        bytes.append(byte)
    }
    return bytes
}
