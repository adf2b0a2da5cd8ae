import Foundation
import Testing

/// The house rules that a compiler does not keep: who may import whom, and where C and the kernel may be touched.
@Suite struct `The layers of the source` {
    /// Every module and all that it may import. What is not listed here has no place yet.
    static let allowed: [String: Set<String>] = [
        // Pure: no system call, no clock, no randomness of its own.
        "Time": [],
        "Net": [],
        "Raft": ["Net", "Time"],
        "Failover": ["Raft", "Time"],
        "Configuration": ["CYAML", "Net", "Time"],
        "Doctor": ["Net", "Time"],
        "Storage": ["Net", "Raft", "Time"],
        "Simulator": ["Failover", "Net", "Raft", "Storage", "Time"],
        // The kernel.
        "Linux": ["CLinux", "CMnl", "CNftnl", "Glibc", "Net", "Time"],
        // Adapters: none imports another but for the log and the hooks' values.
        "Observability": ["Linux", "Net", "Time"],
        "Scribe": ["Linux", "Net", "Time"],
        "Hooks": ["CSodium", "Configuration", "Linux", "Net", "Time"],
        "Runner": ["Configuration", "Hooks", "Linux", "Net", "Time"],
        "Keeper": ["Linux", "Net", "Raft", "Time"],
        "Elections": ["CSodium", "Linux", "Net", "Raft", "Storage", "Time"],
        "Control": ["Linux", "Observability", "Time"],
        "HTTP": ["CMicroHTTPD", "Linux", "Time"],
        // What the agent and `check` have in common.
        "Preflight": ["Configuration", "Doctor", "Elections", "Hooks", "Linux", "Net", "Raft", "Time"],
    ]

    static let sources = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent().appending(path: "Sources")

    static func files(of module: String) -> [URL] {
        let folder = sources.appending(path: module)
        let names = FileManager.default.enumerator(atPath: folder.path)?.compactMap { $0 as? String } ?? []
        return names.filter { $0.hasSuffix(".swift") }.map { folder.appending(path: $0) }
    }

    static func imports(in file: URL) throws -> [String] {
        try String(contentsOf: file, encoding: .utf8).split(separator: "\n").compactMap { line in
            let words = line.split(separator: " ").filter { !["package", "internal", "@testable"].contains($0) }
            return words.count == 2 && words[0] == "import" ? String(words[1]) : nil
        }
    }

    @Test(arguments: allowed.keys.sorted()) func `import only what lies below`(module: String) throws {
        for file in Self.files(of: module) {
            for imported in try Self.imports(in: file) {
                #expect(
                    Self.allowed[module, default: []].contains(imported),
                    "\(file.lastPathComponent) imports \(imported)"
                )
            }
        }
    }

    @Test func `name every module`() throws {
        let folders = try FileManager.default.contentsOfDirectory(atPath: Self.sources.path)
        let modules = folders.filter { !$0.hasPrefix("C") || $0 == "Configuration" || $0 == "Control" }
        let roots: Set = ["Agent", "vip-switch", "vip-switch-bench", "vip-switch-exporter", "vip-switch-simulate"]
        for module in modules where !roots.contains(module) {
            #expect(Self.allowed[module] != nil, "\(module) has no place among the layers")
        }
    }

    @Test func `keep Foundation, Dispatch and concurrency out of the program`() throws {
        let folders = try FileManager.default.contentsOfDirectory(atPath: Self.sources.path)
        for file in folders.flatMap(Self.files) {
            let forbidden = Set(try Self.imports(in: file)).intersection([
                "Foundation", "FoundationEssentials", "Dispatch",
            ])
            #expect(forbidden.isEmpty, "\(file.lastPathComponent) imports \(forbidden)")
            let text = try String(contentsOf: file, encoding: .utf8)
            for word in [" async ", "await ", "@unchecked Sendable", "nonisolated(unsafe)", "try! ", "ContinuousClock"]
            {
                #expect(!text.contains(word), "\(file.lastPathComponent) says '\(word)'")
            }
        }
    }

    /// What is written to files, peers and processes is the same on a machine of the other byte order and of any alignment:
    /// `Bytes.swift` writes and reads numbers byte by byte. The order of the machine is for the kernel, in `Linux`; and for the
    /// one rule of the fence that names a number of the kernel's.
    @Test func `take no number from memory as the machine has it`() throws {
        let modules = Self.allowed.keys.filter { $0 != "Linux" && $0 != "HTTP" }
        for file in modules.flatMap(Self.files) where file.lastPathComponent != "FenceRules.swift" {
            let text = try String(contentsOf: file, encoding: .utf8)
            for word in [
                ".littleEndian", ".bigEndian", "byteSwapped", "loadUnaligned", "withUnsafeBytes(of", "bindMemory",
                ".hton",
            ] {
                #expect(!text.contains(word), "\(file.lastPathComponent) says '\(word)'")
            }
            for load in text.matches(of: /unsafeLoad\([^\n]*as: (\w+)\.self/) {
                #expect(load.1 == "UInt8", "\(file.lastPathComponent) loads a \(load.1)")
            }
        }
    }

    @Test func `read no clock and no chance in the pure modules`() throws {
        for file in ["Time", "Net", "Raft", "Storage", "Failover", "Configuration", "Doctor"].flatMap(Self.files) {
            let text = try String(contentsOf: file, encoding: .utf8)
            for word in [
                "SystemRandomNumberGenerator", ".now()", ".shuffled()", ".randomElement()",
            ] {
                #expect(!text.contains(word), "\(file.lastPathComponent) says '\(word)'")
            }
        }
    }
}
