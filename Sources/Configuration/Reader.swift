/// A file's content as it was read.
package struct TextFile: Hashable, Sendable {
    package var path: String
    package var bytes: [UInt8]

    package init(path: String, bytes: [UInt8]) {
        self.path = path
        self.bytes = bytes
    }
}

/// All that a configuration is made from.
package struct ConfigurationInput {
    package var file: TextFile
    /// The `vip.conf` beside it, if there is one.
    package var vipConf: TextFile?
    package var options: AgentOptions
    package var environment: [String: String]
    /// Asks for the address of a host name, to suggest it; such a name is a mistake in any case.
    package var resolve: (String) -> String?

    package init(
        file: TextFile,
        vipConf: TextFile? = nil,
        options: AgentOptions? = nil,
        environment: [String: String] = [:],
        resolve: @escaping (String) -> String? = { _ in nil }
    ) {
        self.file = file
        self.vipConf = vipConf
        self.options = options ?? AgentOptions(configurationPath: file.path)
        self.environment = environment
        self.resolve = resolve
    }
}

/// What became of it.
package struct Reading: Sendable {
    /// Nil where there is an error.
    package var configuration: Configuration?
    /// Errors and warnings in the order of the file.
    package var diagnostics: [Diagnostic]
    package var origins: Origins
    /// Of the texts that were read; nil where there was nothing to read.
    package var digest: ConfigurationDigest?

    package var hasErrors: Bool { configuration == nil }

    init(
        configuration: Configuration?,
        diagnostics: [Diagnostic],
        origins: Origins,
        digest: ConfigurationDigest? = nil
    ) {
        self.configuration = configuration
        self.diagnostics = diagnostics
        self.origins = origins
        self.digest = digest
    }

    /// Where there was nothing to read.
    package init(failure: Diagnostic) {
        self.init(configuration: nil, diagnostics: [failure], origins: Origins(path: ""))
    }
}

extension Configuration {
    /// 10,000 VIPs take some 700 kB.
    package static let largestFile = 2 << 20

    /// Checks everything that can be checked without looking at the machine, and reports all mistakes at once.
    package static func read(_ input: ConfigurationInput) -> Reading {
        let environment = SettingsEnvironment(input.environment)
        let ledger = Ledger(
            path: input.file.path,
            overrides: input.options.overrides(environment: environment),
            resolve: input.resolve
        )
        environment.judge(ledger)
        let draft = Reader(ledger: ledger, input: input).draft()
        if let draft { Rules(draft: draft, ledger: ledger).check() }
        let configuration = ledger.hasErrors ? nil : draft?.configuration(of: input)
        return Reading(
            configuration: configuration,
            diagnostics: ledger.sortedDiagnostics(),
            origins: ledger.origins,
            digest: input.digest
        )
    }
}

/// Turns the tree into values, section by section.
struct Reader {
    let ledger: Ledger
    let input: ConfigurationInput

    /// Nil where the file is no YAML, or no mapping: nothing more can be said of it then.
    func draft() -> Draft? {
        guard let entries = entries() else { return nil }
        var top = Section(path: "", entries: entries, ledger: ledger)
        var draft = Draft()
        node(top.field("node"), &draft)
        cluster(top.field("cluster"), &draft)
        let (vips, groups) = (top.field("vips"), top.field("groups"))
        let announcements = top.field("announce")
        // Before the groups, whose own hooks have the same defaults.
        hooks(top.field("hooks"), &draft)
        addresses(vips: vips, groups: groups, &draft)
        announce(announcements, &draft)
        logging(top.field("logging"), &draft)
        control(top.field("control"), &draft)
        exporter(top.field("exporter"), &draft)
        draft.kernelLifetime = top.field("kernel_lifetime").read(.kernelLifetime)
        links(&top, &draft)
        draft.fence = top.field("fence").read(.oneOf(FenceKind.self), default: .none)
        draft.isRealTime = top.field("realtime").read(.truth, default: false)
        later(&top)
        top.finish()
        return draft
    }

    /// What the program does not do yet. A value that says what it does anyway is no mistake.
    private func later(_ top: inout Section) {
        top.field("election").allow("raft", later: ["vrrp", "etcd", "consul", "patroni"])
        top.refuse("checks")
    }

    private func entries() -> [Node.Entry]? {
        guard input.file.bytes.count <= Configuration.largestFile else {
            ledger.error(at: .wholeFile(ledger.path), "larger than 2 MiB; expected a configuration")
            return nil
        }
        var builder = TreeBuilder(input.file.bytes)
        let root: Node?
        do {
            root = try builder.document()
        } catch {
            ledger.error(at: error.position, "not YAML: \(error.text)\(hint(at: error.position))")
            return nil
        }
        for refusal in builder.refusals { ledger.error(at: refusal.position, refusal.text) }
        return entries(of: root)
    }

    private func entries(of root: Node?) -> [Node.Entry]? {
        switch root?.content {
        case .mapping(let entries): return entries
        case nil, .empty:
            ledger.error(at: Position(line: 1, column: 1), "the file is empty; expected node, cluster and vips")
        case .scalar, .list, .refused:
            ledger.error(at: Position(line: 1, column: 1), "no mapping; expected node, cluster and vips")
        }
        return nil
    }

    /// YAML's most common trap has no words of its own in libyaml.
    private func hint(at position: Position) -> String {
        let lines = input.file.bytes.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
        guard position.line <= lines.count else { return "" }
        let line = lines[lines.startIndex + position.line - 1]
        let isTab = line.prefix { $0 == UInt8(ascii: " ") || $0 == UInt8(ascii: "\t") }.contains(UInt8(ascii: "\t"))
        return isTab ? "; expected blanks for indentation, not a tab" : ""
    }
}
