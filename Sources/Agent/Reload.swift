import Configuration
import Elections
import Net
import Preflight

/// What has become of the wish to read the configuration anew.
enum ReloadOutcome: Hashable {
    /// A line for each change.
    case done([String])
    /// Every reason; the agent goes on as before.
    case refused([String])
}

/// A reload on its way: read, then prepared by all who have to follow, then followed by all.
struct Reload {
    typealias Reply = (ReloadOutcome) -> Void

    /// What was read, checked, and found to be something that a running agent can follow.
    struct Candidate {
        let configuration: Configuration
        let secrets: [ClusterSecret]
        let digest: ConfigurationDigest
        let warnings: [String]
        let changes: [String]
    }

    /// Tells one from the next, whose files may be the same.
    let number: Int
    var replies: [Reply]
    var candidate: Candidate?
    var isKeeperReady = false
    var isRunnerReady = false
    /// Nothing can be refused any more.
    var isAdopted = false
}

/// What a child reads for the agent, and hands over: the checks ask the disk, the kernel and perhaps a resolver, and none
/// of them is to hold up a heartbeat.
struct ReloadReading {
    static let limit = 3 * Configuration.largestFile

    /// What `check` would print: errors, or warnings alone.
    var errors: [String] = []
    var warnings: [String] = []
    var file: [UInt8] = []
    var vipConf: [UInt8]?
    var secrets: [ClusterSecret] = []

    /// In the child.
    init(_ options: AgentOptions) {
        let (reading, input) = Preflight.open(options)
        var diagnostics = reading.diagnostics
        if let configuration = reading.configuration {
            diagnostics += Preflight.inspect(configuration, reading.origins)
            // Read once more; the file may be in the middle of being written.
            let second = Preflight.secrets(configuration, reading.origins)
            secrets = second.secrets
            diagnostics += second.diagnostics.filter { $0.severity == .error && !diagnostics.contains($0) }
        }
        errors = diagnostics.filter { $0.severity == .error }.map(\.description)
        warnings = diagnostics.filter { $0.severity == .warning }.map(\.description)
        guard errors.isEmpty, let input else { return }
        (file, vipConf) = (input.file.bytes, input.vipConf?.bytes)
    }

    /// The same texts, read by the agent itself: what it goes by is checked in its own process.
    func configuration(_ options: AgentOptions, vipConfPath: String) -> Reading {
        var input = ConfigurationInput(
            file: TextFile(path: options.configurationPath, bytes: file),
            vipConf: vipConf.map { TextFile(path: vipConfPath, bytes: $0) },
            options: options
        )
        input.environment = Preflight.environment
        return Configuration.read(input)
    }
}

extension ReloadReading {
    func encoded() -> [UInt8] {
        var bytes: [UInt8] = []
        for lines in [errors, warnings, secrets.map(\.text)] {
            bytes.append(bigEndian: UInt16(min(lines.count, Int(UInt16.max))))
            for line in lines.prefix(Int(UInt16.max)) {
                bytes.append(string: String(decoding: line.utf8.prefix(4096), as: UTF8.self))
            }
        }
        bytes.append(bigEndian: UInt32(file.count))
        bytes += file
        bytes.append(vipConf == nil ? 0 : 1)
        return bytes + (vipConf ?? [])
    }

    init(decoding bytes: [UInt8]) throws(Malformed) {
        let span = unsafe bytes.span.bytes
        var offset = 0
        var lists: [[String]] = []
        for _ in 0..<3 {
            var lines: [String] = []
            for _ in 0..<(try span.readUInt16(at: &offset)) { lines.append(try span.readString(at: &offset)) }
            lists.append(lines)
        }
        (errors, warnings) = (lists[0], lists[1])
        secrets = lists[2].compactMap { ClusterSecret($0) }
        file = try span.readBytes(Int(try span.readUInt32(at: &offset)), at: &offset)
        let hasVIPConf = try span.readUInt8(at: &offset) == 1
        vipConf = hasVIPConf ? try span.readBytes(span.byteCount - offset, at: &offset) : nil
        try span.expectEnd(at: offset)
    }
}
