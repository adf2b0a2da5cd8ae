import Configuration
import Foundation
import Linux
import Preflight
import Testing

@Suite struct `A preflight` {
    let folder: String
    /// As `keygen` makes them.
    private static let key = "9f2c41d07be3a65810fd3c92e4b7065acd18f36e2b90745d81ea6fc35d0247b9"
    private static let other = "417d0cb85e92f6a3d1384be07c5f9a26e8b3046d91fa2c750e63d8b4975a1cf0"

    init() throws {
        folder =
            FileManager.default.temporaryDirectory.appending(path: "preflight-\(getpid())-\(UUID().uuidString)").path
        try FileManager.default.createDirectory(atPath: folder + "/state", withIntermediateDirectories: true)
        try write("key", Self.key + "\n", mode: 0o600)
    }

    private func write(_ name: String, _ text: String, mode: Int) throws {
        try text.write(toFile: "\(folder)/\(name)", atomically: false, encoding: .utf8)
        try FileManager.default.setAttributes([.posixPermissions: mode], ofItemAtPath: "\(folder)/\(name)")
    }

    /// What is wrong with the machine, by place and text.
    private func lines(dataDirectory: String = "state", interface: String = "lo", more: String = "") throws -> [String]
    {
        defer { try? FileManager.default.removeItem(atPath: folder) }
        try write(
            "c.yaml",
            """
            node: {id: node1, raft_addr: 127.0.0.1:7946, data_dir: \(folder)/\(dataDirectory)}
            cluster:
              nodes: [{id: node1, addr: 127.0.0.1:7946}]
              single: true
              secret_file: \(folder)/key
            vips: [{address: 192.0.2.1, interface: \(interface)}]
            \(more)
            """,
            mode: 0o644
        )
        let reading = Preflight.load(AgentOptions(configurationPath: folder + "/c.yaml"))
        #expect(reading.diagnostics == [])
        let configuration = try #require(reading.configuration)
        return Preflight.inspect(configuration, reading.origins).map {
            $0.description.replacing(folder, with: "F")
        }
    }

    @Test func `finds nothing where all is well`() throws {
        #expect(try lines() == [])
    }

    @Test func `tells how to make a secret that is missing`() throws {
        try FileManager.default.removeItem(atPath: folder + "/key")
        #expect(
            try lines() == [
                "F/c.yaml:5:16: no secret file F/key; make one with `vip-switch keygen --output cluster.key` on one node and "
                    + "copy the same to all"
            ]
        )
    }

    @Test(arguments: [
        (0o644, "others may read or write F/key; type: chmod o= F/key"),
        (0o660, "a group may write F/key; type: chmod g-w F/key"),
    ]) func `refuses a secret that is none`(mode: Int, text: String) throws {
        try FileManager.default.setAttributes([.posixPermissions: mode], ofItemAtPath: folder + "/key")
        #expect(try lines() == ["F/c.yaml:5:16: \(text)"])
    }

    /// What is in the file, and how the line about it ends.
    private static let oddKeys: [(String, String)] = [
        ("0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f", "its bytes repeat; \(advice)"),
        ("000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f", "its bytes are a row; \(advice)"),
        (
            "636f727265637420686f727365206261747465727920737461706c6520323032",
            "it is a text in hexadecimal digits; \(advice)"
        ),
        ("\(key)\n\(key)", "twice; remove one of the lines"),
        ("\(key)\n\(other)", "vip-switch keygen --rotate drop --file F/key"),
    ]
    private static let advice = "take one that vip-switch keygen made"

    @Test(arguments: oddKeys.indices) func `warns of keys that are weak, twice there or left over`(index: Int) throws {
        let (text, end) = Self.oddKeys[index]
        try write("key", text + "\n", mode: 0o600)
        let lines = try lines()
        #expect(lines.count == 1)
        #expect(lines[0].hasPrefix("F/c.yaml:5:16: warning: "))
        #expect(lines[0].hasSuffix(end))
        #expect(!lines[0].contains(Self.key))
    }

    @Test func `lets a group read the secret`() throws {
        try FileManager.default.setAttributes([.posixPermissions: 0o640], ofItemAtPath: folder + "/key")
        #expect(try lines() == [])
    }

    @Test func `refuses a file without a key, and does not show what is in it`() throws {
        try write("key", "# the key\nhunter2\n", mode: 0o600)
        let text = try lines().joined()
        #expect(text.hasPrefix("F/c.yaml:5:16: F/key: line 2 is no key; expected 64 hexadecimal digits"))
        #expect(!text.contains("hunter2"))
    }

    @Test func `refuses what is no folder for the state`() throws {
        #expect(
            try lines(dataDirectory: "key")
                == ["F/c.yaml:1:56: node.data_dir: F/key is no folder; expected one, or a path that is free"]
        )
    }

    @Test func `refuses a folder that others may write`() throws {
        try FileManager.default.setAttributes([.posixPermissions: 0o777], ofItemAtPath: folder + "/state")
        #expect(
            try lines() == ["F/c.yaml:1:56: node.data_dir: others may write F/state; type: chmod o-w F/state"]
        )
    }

    @Test func `tells how to make a folder that cannot be made by itself`() throws {
        let user = User.effective.name
        #expect(
            try lines(dataDirectory: "a/b")
                == [
                    "F/c.yaml:1:56: node.data_dir: F/a/b does not exist, and \(user) may not make it; "
                        + "type: install -d -m 0700 -o \(user) F/a/b"
                ]
        )
    }

    @Test func `lets the agent make its folder`() throws {
        #expect(try lines(dataDirectory: "new") == [])
    }

    @Test func `warns of an interface that this machine lacks, and names those that it has`() throws {
        let present = try Netlink().links().map(\.name).joined(separator: ", ")
        #expect(
            try lines(interface: "none0")
                == [
                    "F/c.yaml:6:40: warning: this machine has no interface none0, and holds no VIP until it comes; "
                        + "expected one of \(present)"
                ]
        )
    }

    @Test func `looks at hooks, unless they are turned off`() throws {
        let hook = "hooks: {ToMaster: {command: /nowhere/hook}}"
        #expect(
            try lines(more: hook)
                == ["F/c.yaml:7:29: hooks.ToMaster.command: /nowhere: No such file or directory"]
        )
    }

    @Test func `does not look at hooks that are turned off`() throws {
        #expect(try lines(more: "hooks: {enabled: false, ToMaster: {command: /nowhere/hook}}") == [])
    }

    @Test func `names a log that cannot be written`() throws {
        let user = User.effective.name
        #expect(
            try lines(more: "logging: {output: /nowhere/log}")
                == [
                    "F/c.yaml:7:19: logging.output: \(user) may not write /nowhere; expected a path that it may write"
                ]
        )
    }
}
