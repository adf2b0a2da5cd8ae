import Configuration
import Control
import Linux
import Net

/// What the command line says.
struct Options: Hashable {
    var listen: Endpoint
    var socket: String

    static let standardListen = ExporterSettings.standard.listen

    /// What to do instead of serving.
    enum Question: Error, Hashable {
        case help
        case version
        /// Words that make no sense.
        case misuse(String)
        /// A configuration that cannot be read: a line a mistake.
        case configuration(String)
    }

    static let help = """
        Usage: vip-switch-exporter [--listen ADDRESS:PORT] [--socket PATH] [--config FILE]

        Tells Prometheus, load balancers and people how the agent on this machine is, by HTTP.

        Options:
          -l, --listen ADDRESS:PORT  where to listen; a literal address; default \(standardListen)
          -s, --socket PATH          the agent's status socket; default \(ControlSettings.standard.statusSocket)
          -c, --config FILE          the agent's configuration, which names both
              --version              print the version and end
          -h, --help                 print this and end

        Paths:
          /              a page that shows the cluster, live
          /metrics       for Prometheus
          /healthz       200 where the agent answers and knows a leader, 503 elsewhere
          /leader        200 on the node that leads
          /holder        200 on the node that holds the VIPs; /holder?group=NAME those of one group
          /status.json   what `vip-switch status --json` prints, and its age
          /history.json  what `vip-switch history --json` prints, and its age

        Exit codes:
          0  it was stopped in good order
          1  it could not be done; the line on standard error says why
          2  a mistake in the command line or in the configuration

        """

    private static let names = ["--listen": "-l", "--socket": "-s", "--config": "-c"]

    init(_ words: some Sequence<String>, load: (String) throws(Question) -> Configuration) throws(Question) {
        let values = try Self.values(words)
        let configuration = try values["--config"].map { path throws(Question) in try load(path) }
        socket = values["--socket"] ?? (configuration?.control ?? .standard).statusSocket
        listen = configuration?.exporter.listen ?? Self.standardListen
        guard let text = values["--listen"] else { return }
        guard let endpoint = Endpoint(text) else {
            throw .misuse(
                "--listen is \(quoted(text)); expected a literal address and its port like \(Self.standardListen)"
            )
        }
        listen = endpoint
    }

    /// `--name value`, `--name=value`, `-n value`.
    private static func values(_ words: some Sequence<String>) throws(Question) -> [String: String] {
        var rest = Array(words)[...]
        var values: [String: String] = [:]
        while let word = rest.popFirst() {
            if ["--help", "-h"].contains(word) { throw .help }
            if word == "--version" { throw .version }
            let parts = word.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
            let attached = word.hasPrefix("--") && parts.count == 2 ? parts[1] : nil
            let name = attached == nil ? word : parts[0]
            guard let option = names.first(where: { $0.key == name || $0.value == name })?.key else {
                throw .misuse(unknown(name))
            }
            guard let value = attached ?? rest.popFirst(), !value.isEmpty else {
                throw .misuse("\(option) needs a value")
            }
            guard values.updateValue(value, forKey: option) == nil else { throw .misuse("\(option) is given twice") }
        }
        return values
    }

    private static func unknown(_ word: String) -> String {
        guard word.hasPrefix("-") else { return "\(quoted(word)) is not expected here; expected an option" }
        let all = names.keys.sorted() + ["--help", "--version"]
        let hint = suggestion(for: word, among: all).map { "; did you mean \($0)?" } ?? ""
        return "unknown option \(quoted(word))\(hint)"
    }
}
