import Foundation
import Linux
import Net
import Raft
import Testing
import Time

@testable import Keeper

let isRoot = geteuid() == 0

/// Waits up to half a minute: the machine may be busy with anything.
func eventually(_ condition: () throws -> Bool) rethrows -> Bool {
    for _ in 0..<3000 {
        if try condition() { return true }
        usleep(10_000)
    }
    return false
}

/// Two machines with a cable between them, and a data directory for the one called `here`.
final class Lab {
    let here: NetworkNamespace
    let there: NetworkNamespace
    let folder: String
    static let hereMAC = "02:00:00:00:00:01"

    init() throws {
        folder = "/tmp/vip-switch-keeper-\(getpid())-\(UInt32.random(in: 0 ... .max))"
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: false)
        here = try NetworkNamespace()
        there = try NetworkNamespace()
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
    }

    deinit { try? FileManager.default.removeItem(atPath: folder) }

    /// `KeeperPlan.web` in this lab's folder.
    var plan: KeeperPlan {
        var plan = KeeperPlan.web
        plan.dataDirectory = folder
        return plan
    }

    /// Which of the VIPs are on, as `ip address` shows them.
    func addresses() throws -> [String] {
        let text = try here.run { try ip("-o address show") }
        return text.split(separator: "\n").compactMap { line in
            let address = line.split(separator: " ").first { $0.contains("/") }.map(String.init)
            return address.flatMap { ["192.0.2.10/", "2001:db8::10/"].contains(where: $0.hasPrefix) ? $0 : nil }
        }
    }

    /// Has the other machine say that it has a VIP.
    func claim(_ address: IPAddress, by hardware: MACAddress) throws {
        try there.run {
            let eth0 = InterfaceIndex(named: "eth0") ?? InterfaceIndex(0)
            _ = try PacketSocket(on: eth0).send(Announcement.frames(of: address, from: hardware, isRouter: false))
        }
    }

    func record() throws -> AddressRecord {
        let bytes = try #require(try DurableFile.read("\(folder)/addresses", limit: 4096))
        return try AddressRecord(bytes)
    }

    /// Who the other machine believes has an address: its hardware address.
    func neighbour(_ address: String) throws -> String {
        let words = try there.run { try ip("neigh show \(address) dev eth0") }.split(separator: " ")
        return words.firstIndex(of: "lladdr").map { String(words[$0 + 1]) } ?? ""
    }
}

struct CommandFailure: Error, CustomStringConvertible {
    let description: String
}

/// Runs `ip` in the current thread's namespace and returns what it printed.
@discardableResult
func ip(_ arguments: String) throws -> String { try run("ip \(arguments)") }

@discardableResult
func run(_ command: String) throws -> String {
    guard let pipe = unsafe popen("\(command) 2>&1", "r") else { throw Errno(errno) }
    var output: [UInt8] = []
    while case let character = unsafe fgetc(pipe), character != EOF { output.append(UInt8(character)) }
    let status = unsafe pclose(pipe)
    let text = String(decoding: output, as: UTF8.self)
    guard status == 0 else { throw CommandFailure(description: "\(command): \(text)") }
    return text
}

/// A keeper in the lab, and the agent that forked it.
final class FakeAgent {
    private static let executable: String = {
        let own = (try? FileStatus.target(ofLink: "/proc/self/exe")) ?? ""
        let candidates = (CommandLine.arguments + [own]).map { Folder.parent(of: $0) + "/keeper-stage" }
        return candidates.first { (try? FileStatus(of: $0)) != nil } ?? "keeper-stage"
    }()

    let child: Child
    private(set) var keeperPID: Int32 = 0
    private let commands: FileHandle
    private let fifo: String
    private var unread: [String] = []
    private var rest: [UInt8] = []

    /// Without a plan the keeper finds none.
    init(in lab: Lab, _ plan: KeeperPlan?, _ more: String...) throws {
        let fifo = "\(lab.folder)/fifo-\(UInt32.random(in: 0 ... .max))"
        self.fifo = fifo
        guard unsafe mkfifo(fifo, 0o600) == 0, let commands = FileHandle(forUpdatingAtPath: fifo) else {
            throw Errno(errno)
        }
        self.commands = commands
        let arguments = [plan.map { hexadecimal($0.encoded()) } ?? "none", fifo] + more
        child = try lab.here.run { try Child(.init(path: Self.executable, arguments: arguments)) }
        keeperPID = try #require(Int32(try line() ?? ""))
    }

    deinit {
        kill(keeperPID, SIGCONT)
        if !child.isReaped { try? child.signalGroup(.kill) }
        _ = try? child.wait(upTo: .seconds(5))
        unsafe unlink(fifo)
    }

    func send(_ requests: KeeperRequest...) throws {
        let lines = requests.map { hexadecimal($0.encoded()) + "\n" }.joined()
        try commands.write(contentsOf: Data(lines.utf8))
    }

    /// The next thing the keeper says that is neither a log line nor a count; nil once it is gone, or after half a minute of silence.
    func report() throws -> KeeperReport? {
        while let report = try anyReport() {
            if case .tallied = report { continue }
            if report.noticed == nil { return report }
        }
        return nil
    }

    /// The next log line; nil once the keeper is gone, or says something else.
    func notice() throws -> KeeperNotice? {
        while let report = try anyReport() {
            if case .tallied = report { continue }
            if case .notice(let notice) = report { return notice }
            return nil
        }
        return nil
    }

    /// Counters that satisfy a condition, whatever else is said before; nil once the keeper is gone.
    func tally(where isWanted: (AnnouncementTally) -> Bool) throws -> AnnouncementTally? {
        while let report = try anyReport() {
            if case .tallied(_, let tally) = report, isWanted(tally) { return tally }
        }
        return nil
    }

    /// How late the keeper was woken is no answer to anything.
    func anyReport() throws -> KeeperReport? {
        while let line = try line(), let bytes = bytes(ofHexadecimal: line) {
            let report = try KeeperReport(decoding: bytes)
            if case .late = report { continue }
            // Which plan the keeper began with.
            if report == .prepared(PlanDigest(bits: 0), .first) { continue }
            return report
        }
        return nil
    }

    /// Kills the agent; the keeper lives on as long as it needs to.
    func die() throws {
        kill(child.pid, SIGKILL)
        _ = try child.wait(upTo: .seconds(20))
    }

    var isKeeperAlive: Bool {
        guard let status = try? String(contentsOfFile: "/proc/\(keeperPID)/stat", encoding: .utf8) else { return false }
        return status.split(separator: ")").last?.split(separator: " ").first != "Z"
    }

    private func line() throws -> String? {
        while unread.isEmpty {
            try child.output.waitUntilReadable(upTo: .seconds(30))
            let bytes = try child.output.read(upTo: 65_536)
            if bytes.isEmpty { return nil }
            var parts = (rest + bytes).split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
            rest = Array(parts.removeLast())
            unread = parts.map { String(decoding: $0, as: UTF8.self) }
        }
        return unread.removeFirst()
    }
}

private func hexadecimal(_ bytes: [UInt8]) -> String {
    bytes.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
}

private func bytes(ofHexadecimal text: String) -> [UInt8]? {
    let digits = Array(text.utf8)
    guard digits.count % 2 == 0 else { return nil }
    return stride(from: 0, to: digits.count, by: 2).reduce(into: [UInt8]?([])) { bytes, index in
        let byte = UInt8(String(decoding: digits[index...index + 1], as: UTF8.self), radix: 16)
        bytes = byte.flatMap { byte in bytes.map { $0 + [byte] } }
    }
}
