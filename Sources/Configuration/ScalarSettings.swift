/// A setting with one value, which an environment variable may name as well as the file.
package struct ScalarSetting: Hashable, Sendable {
    /// `node.raft_addr`
    package var path: String
    /// What is expected of it.
    package var words: String

    /// `VIP_SWITCH_NODE_RAFT_ADDR`
    package var variable: String {
        Self.prefix + path.uppercased().map { $0 == "." ? "_" : String($0) }.joined()
    }

    package static let prefix = "VIP_SWITCH_"

    /// All that there are, in the order in which the reader asks for them.
    ///
    /// The reader itself is asked: it reads nothing, once as if each setting were given and once as if each that may be a
    /// mapping were one. So a setting that it learns has a variable from then on.
    package static let all: [ScalarSetting] = {
        var seen: Set<String> = []
        return [Catalogue.Pass.values, .mappings].flatMap { settings(in: $0) }.filter { seen.insert($0.path).inserted }
    }()

    private static func settings(in pass: Catalogue.Pass) -> [ScalarSetting] {
        let catalogue = Catalogue(pass)
        let ledger = Ledger(path: "", overrides: [:], resolve: { _ in nil }, catalogue: catalogue)
        let file = TextFile(path: "", bytes: Array("{}".utf8))
        _ = Reader(ledger: ledger, input: ConfigurationInput(file: file)).draft()
        return catalogue.settings
    }
}

/// What the reader asks for while it is only asked which settings there are.
final class Catalogue {
    enum Pass {
        /// What may be a value or a mapping is a value.
        case values
        case mappings
    }

    let pass: Pass
    private(set) var settings: [ScalarSetting] = []

    init(_ pass: Pass) { self.pass = pass }

    func note(_ path: String, _ words: String) { settings.append(ScalarSetting(path: path, words: words)) }
}
