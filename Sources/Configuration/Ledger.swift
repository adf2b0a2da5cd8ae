/// What is written down while a configuration is read: where each setting stands, and every mistake.
///
/// Settings are named by their path, such as `cluster.nodes[1].addr`.
final class Ledger {
    let path: String
    let overrides: [String: Override]
    let resolve: (String) -> String?
    private(set) var diagnostics: [Diagnostic] = []
    private(set) var hasErrors = false
    private(set) var origins: Origins
    private var unprinted = 0
    /// Nil but where only the settings' names are wanted.
    let catalogue: Catalogue?

    /// A file of nothing but mistakes must not make the list of them grow without end.
    static let mostDiagnostics = 200

    init(
        path: String,
        overrides: [String: Override],
        resolve: @escaping (String) -> String?,
        catalogue: Catalogue? = nil
    ) {
        self.path = path
        self.catalogue = catalogue
        self.overrides = overrides
        self.resolve = resolve
        origins = Origins(path: path)
    }

    /// Whether further texts are only counted.
    var isFull: Bool { diagnostics.count >= Self.mostDiagnostics }

    func note(_ setting: String, at origin: Origin) { origins[setting] = origin }
    func note(_ setting: String, at position: Position) { origins[setting] = .file(path, position) }

    func error(at setting: String, _ text: String) { add(.error, at: origins[setting], text) }
    func error(at position: Position, _ text: String) {
        add(.error, at: .file(path, position), text)
    }
    func error(at origin: Origin, _ text: String) { add(.error, at: origin, text) }
    func warn(at setting: String, _ text: String) { add(.warning, at: origins[setting], text) }

    func warn(at origin: Origin, _ text: String) { add(.warning, at: origin, text) }

    /// Whether something above the file is given for a setting below that one.
    func overridesBelow(_ path: String) -> Bool { overrides.keys.contains { $0.hasPrefix(path + ".") } }

    /// Takes over what was found in a second file.
    func absorb(_ other: Ledger) {
        for diagnostic in other.sortedDiagnostics() {
            add(diagnostic.severity, at: diagnostic.origin, diagnostic.text)
        }
        origins.absorb(other.origins)
    }

    private func add(_ severity: Diagnostic.Severity, at origin: Origin, _ text: String) {
        if severity == .error { hasErrors = true }
        if isFull {
            unprinted += 1
        } else {
            diagnostics.append(Diagnostic(severity, at: origin, text))
        }
    }

    /// All of them in the order of the file, those of flags and of other files behind.
    func sortedDiagnostics() -> [Diagnostic] {
        let inFile = diagnostics.enumerated().sorted { a, b in
            (origins.rank(of: a.element.origin), a.offset) < (origins.rank(of: b.element.origin), b.offset)
        }
        let rest = unprinted == 0 ? [] : [Diagnostic(.error, at: .wholeFile(path), "\(unprinted) further mistakes")]
        return inFile.map(\.element) + rest
    }
}

/// Where each setting stands, by its path.
package struct Origins: Hashable, Sendable {
    private let path: String
    private var origins: [String: Origin] = [:]

    init(path: String) { self.path = path }

    /// The setting's own place, or for one that is not written out that of the section that would hold it.
    package internal(set) subscript(setting: String) -> Origin {
        get {
            var name = setting[...]
            while true {
                if let origin = origins[String(name)] { return origin }
                guard let end = name.lastIndex(where: { $0 == "." || $0 == "[" }) else { break }
                name = name[..<end]
            }
            return .file(path, Position(line: 1, column: 1))
        }
        set { origins[setting] = newValue }
    }

    /// Whether the setting has a place of its own.
    package func names(_ setting: String) -> Bool { origins[setting] != nil }

    fileprivate mutating func absorb(_ other: Origins) {
        origins.merge(other.origins) { mine, _ in mine }
    }

    fileprivate func rank(of origin: Origin) -> Position {
        if case .file(path, let position) = origin { return position }
        return Position(line: .max, column: 0)
    }
}

/// A value that stands above the file's.
struct Override: Hashable, Sendable {
    var text: String
    var origin: Origin
}
