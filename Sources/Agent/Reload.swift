import Configuration
import Elections
import Net
import Preflight
import Time

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

    /// Who reads for itself, and goes by what it has read when it is told to.
    enum Follower: String, CaseIterable {
        case keeper = "the keeper"
        case runner = "the runner"
    }

    /// Tells one from the next, whose files may be the same.
    let number: UInt64
    let began: Instant
    var replies: [Reply]
    var candidate: Candidate?
    /// Who has read what the candidate was made from, and who goes by it.
    private(set) var prepared: Set<Follower> = []
    private(set) var following: Set<Follower> = []
    /// Nothing can be refused any more.
    var isAdopted = false
    /// Nothing is on any more but what it has.
    private(set) var isSettled = false

    init(number: UInt64, began: Instant, replies: [Reply]) {
        self.number = number
        self.began = began
        self.replies = replies
    }

    /// Who has not said that it has read, or that it follows; an answer to an earlier reload is none to this one.
    var unprepared: [Follower] { Follower.allCases.filter { !prepared.contains($0) } }
    var stragglers: [Follower] { Follower.allCases.filter { !following.contains($0) } }

    mutating func note(prepared follower: Follower, number: UInt64) {
        if number == self.number, candidate != nil { prepared.insert(follower) }
    }

    mutating func note(following follower: Follower, number: UInt64) {
        if number == self.number, isAdopted { following.insert(follower) }
    }

    mutating func noteSettled() { isSettled = isAdopted }

    /// Whether what a follower has against it is against this one.
    func isRefused(byAnswerTo number: UInt64) -> Bool { number == self.number && candidate != nil && !isAdopted }
}

/// What a child reads for the agent, checks, and hands over as a finished value: the checks ask the disk, the kernel and
/// perhaps a resolver, and ten thousand VIPs take a while to be parsed. None of that is to hold up a heartbeat.
struct ReloadReading: Hashable {
    static let limit = 4 * Configuration.largestFile

    /// What `check` would print: errors, or warnings alone; and what a running agent cannot follow.
    var errors: [String] = []
    var warnings: [String] = []
    /// What is another than in the agent.
    var changes: [String] = []
    var secrets: [ClusterSecret] = []
    var digest = ConfigurationDigest(bits: 0)
    /// Nil where there are errors.
    var configuration: Configuration?

    /// In the child, which knows what the agent goes by.
    init(_ options: AgentOptions, from running: Configuration, hasJoined: Bool) {
        let reading = Preflight.load(options)
        var diagnostics = reading.diagnostics
        if let configuration = reading.configuration {
            let examined = Preflight.examine(configuration, reading.origins)
            secrets = examined.secrets
            diagnostics += examined.diagnostics
        }
        errors = diagnostics.filter { $0.severity == .error }.map(\.description)
        warnings = diagnostics.filter { $0.severity == .warning }.map(\.description)
        guard errors.isEmpty, let configuration = reading.configuration, let digest = reading.digest else { return }
        errors = configuration.obstacles(to: running, hasJoined: hasJoined, reading.origins).map(\.description)
        guard errors.isEmpty else { return }
        self.digest = digest
        self.configuration = configuration
        changes = configuration.differences(from: running)
    }
}

extension ReloadReading {
    func encoded() -> [UInt8] {
        var bytes: [UInt8] = []
        for lines in [errors, warnings, changes, secrets.map(\.text)] {
            bytes.append(bigEndian: UInt16(min(lines.count, Int(UInt16.max))))
            for line in lines.prefix(Int(UInt16.max)) {
                bytes.append(string: String(decoding: line.utf8.prefix(4096), as: UTF8.self))
            }
        }
        bytes.append(bigEndian: digest.bits)
        return bytes + (configuration?.encoded() ?? [])
    }

    init(decoding bytes: [UInt8]) throws(Malformed) {
        let span = unsafe bytes.span.bytes
        var offset = 0
        var lists: [[String]] = []
        for _ in 0..<4 {
            var lines: [String] = []
            for _ in 0..<(try span.readUInt16(at: &offset)) { lines.append(try span.readString(at: &offset)) }
            lists.append(lines)
        }
        (errors, warnings, changes) = (lists[0], lists[1], lists[2])
        secrets = lists[3].compactMap { ClusterSecret($0) }
        digest = ConfigurationDigest(bits: try span.readUInt128(at: &offset))
        let rest = Array(bytes.dropFirst(offset))
        configuration = rest.isEmpty ? nil : try Configuration(decoding: rest)
    }
}
