import Configuration
import Fuzzing
import Keeper
import Raft

@testable import Agent

/// The configuration file, and behind a zero byte the `vip.conf` beside it.
///
/// Where the first is empty, one stands for it that leaves the VIPs to `vip.conf`.
@c(LLVMFuzzerTestOneInput) public func test(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
    var input = unsafe FuzzInput(start, count)
    let text = input.text()
    let conf = input.isAtEnd ? nil : input.remaining()
    check(text.isEmpty && conf != nil ? Array(withoutVIPs.utf8) : text, conf)
    return 0
}

private let withoutVIPs = """
    node: {id: a, raft_addr: 192.0.2.1:7946, data_dir: /d}
    cluster: {nodes: [{id: a, addr: 192.0.2.1:7946}], single: true, insecure: true}
    """

private func check(_ text: [UInt8], _ conf: [UInt8]?) {
    let files = [TextFile(path: "c.yaml", bytes: text)] + (conf.map { [TextFile(path: "vip.conf", bytes: $0)] } ?? [])
    let input = ConfigurationInput(file: files[0], vipConf: files.count > 1 ? files[1] : nil)
    let reading = Configuration.read(input)
    let errors = reading.diagnostics.filter { $0.severity == .error }
    require(errors.isEmpty == (reading.configuration != nil), "neither a mistake nor a configuration, or both")
    let lines = Dictionary(uniqueKeysWithValues: files.map { ($0.path, lineCount($0)) })
    for diagnostic in reading.diagnostics { check(diagnostic, files, lines) }
    let again = Configuration.read(input)
    require(again.configuration == reading.configuration, "read again it is another configuration")
    require(again.diagnostics == reading.diagnostics, "read again it has other mistakes")
    if let configuration = reading.configuration { check(configuration) }
}

/// Each has its place within the file that it names, and can be shown on a terminal.
private func check(_ diagnostic: Diagnostic, _ files: [TextFile], _ lines: [String: Int]) {
    let text = diagnostic.description
    let harmful: Set<Unicode.GeneralCategory> = [.control, .format, .lineSeparator, .paragraphSeparator]
    require(!text.unicodeScalars.contains { harmful.contains($0.properties.generalCategory) }, "controls in \(text)")
    require(text.utf8.count < 10_000, "a line of \(text.utf8.count) bytes")
    guard case .file(let path, let position) = diagnostic.origin else { return }
    guard let file = files.first(where: { $0.path == path }), let last = lines[path] else {
        fatalError("no such file: \(text)")
    }
    require((1...last + 1).contains(position.line), "beyond the \(last) lines of the file: \(text)")
    require((1...file.bytes.count + 1).contains(position.column), "beyond the end of a line: \(text)")
}

/// By any of YAML's line breaks.
private func lineCount(_ file: TextFile) -> Int {
    let breaks: Set<Unicode.Scalar> = ["\n", "\r", "\u{85}", "\u{2028}", "\u{2029}"]
    return String(decoding: file.bytes, as: UTF8.self).unicodeScalars.count { breaks.contains($0) } + 1
}

/// What `check` finds good, election and keeper can work with.
private func check(_ configuration: Configuration) {
    let settings = configuration.electionSettings
    require(settings?.timing.wish.isReasonable == true, "the election cannot work with \(String(describing: settings))")
    let plan = configuration.keeperPlan(adopts: false)
    let bytes = plan.encoded()
    require(bytes.count <= KeeperPlan.Limit.encoding, "a plan of \(bytes.count) bytes")
    require((try? KeeperPlan(decoding: bytes)) == plan, "the keeper refuses its plan")
}
