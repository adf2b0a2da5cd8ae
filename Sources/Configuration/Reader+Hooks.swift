extension Reader {
    func hooks(_ field: Field, _ draft: inout Draft) {
        let words = "enabled, timeout, on_failure and hooks by name"
        guard var section = field.section(words) else { return }
        draft.hooks.isEnabled = section.field("enabled").read(.truth, default: true)
        let given = draft.hookDefaults
        draft.hookDefaults.timeout = section.field("timeout").read(.hookTimeout, default: given.timeout)
        draft.hookDefaults.onFailure = section.field("on_failure").read(.failurePolicy, default: given.onFailure)
        for event in HookEvent.allCases {
            let field = section.field(event.rawValue)
            if field.isGiven { draft.hooks.hooks[event] = hook(field, event, draft.hookDefaults) }
        }
        let standard = draft.hooks
        draft.hooks.debounce = section.field("debounce").read(.debounce, default: standard.debounce)
        draft.hooks.cooldown = section.field("cooldown").read(.cooldown, default: standard.cooldown)
        let passed = section.field("pass_environment")
        let names = passed.isGiven ? passed.list("a list of names") ?? [] : []
        draft.hooks.passedVariables = names.compactMap { $0.read(.variableName) }
        draft.hooks.signature = signature(&section)
        section.finish()
    }

    /// Hooks of one group, instead of those that all have in common.
    func groupHooks(_ field: Field, _ draft: Draft) -> [HookEvent: Hook] {
        guard var section = field.section("hooks by name") else { return [:] }
        var hooks: [HookEvent: Hook] = [:]
        for event in HookEvent.allCases {
            let field = section.field(event.rawValue)
            guard field.isGiven else { continue }
            if event.isOfGroup {
                hooks[event] = hook(field, event, draft.hookDefaults)
            } else {
                ledger.error(at: field.path, "\(field.path) is no group's but the node's; expected it in hooks")
            }
        }
        section.finish()
        return hooks
    }

    private func signature(_ section: inout Section) -> HookSignature? {
        let (file, key) = (section.field("signature_file"), section.field("signature_key_file"))
        guard file.isGiven || key.isGiven else { return nil }
        // Both are asked for, whatever comes of the first.
        let (path, keyPath) = (file.require(.absolutePath), key.require(.absolutePath))
        guard let path, let keyPath else { return nil }
        return HookSignature(file: path, keyFile: keyPath)
    }

    private func hook(_ field: Field, _ event: HookEvent, _ defaults: Hook) -> Hook? {
        guard var section = field.section("command, args, timeout, on_failure and environment") else { return nil }
        let command = section.field("command").require(.absolutePath)
        let arguments = section.field("args")
        let items = arguments.isGiven ? arguments.list("a list of texts") ?? [] : []
        // An operator who stops a node or moves a VIP waits for BeforeSlave.
        let patience = event == .beforeSlave ? min(defaults.timeout, .seconds(10)) : defaults.timeout
        let hook = Hook(
            command: command ?? "",
            arguments: items.compactMap { $0.read(.template) },
            timeout: section.field("timeout").read(.hookTimeout, default: patience),
            onFailure: section.field("on_failure").read(.failurePolicy, default: defaults.onFailure),
            environment: environment(section.field("environment")),
            sha256: section.field("sha256").read(.digest)
        )
        section.finish()
        return command == nil ? nil : hook
    }

    private func environment(_ field: Field) -> [EnvironmentVariable] {
        guard var section = field.section("names with their values") else { return [] }
        var variables: [EnvironmentVariable] = []
        for key in section.keys.sorted() {
            let variable = section.field(key)
            guard Form.variableName.parse(key) != nil else {
                let words = Form.variableName.words
                ledger.error(at: variable.path, "\(field.path) has the name \(quoted(key)); expected \(words)")
                // What might be said of the value would begin with the name, as it is.
                continue
            }
            if let value = variable.read(.template) { variables.append(EnvironmentVariable(name: key, value: value)) }
        }
        return variables
    }
}

extension Form where Value == Duration {
    fileprivate static var hookTimeout: Form { .duration(.milliseconds(100) ... .seconds(3600)) }
    fileprivate static var debounce: Form { .duration(.zero ... .seconds(3600)) }
    fileprivate static var cooldown: Form { .duration(.seconds(1) ... .seconds(86_400)) }
}

extension Form where Value == Hook.FailurePolicy {
    /// `ignore` is the ancestor's word for `continue`.
    fileprivate static var failurePolicy: Form {
        let names = Form.oneOf(Hook.FailurePolicy.self)
        return Form(names.words, meant: names.meant) { $0 == "ignore" ? .continue : names.parse($0) }
    }
}

extension Form where Value == String {
    /// As sha256sum(1) prints it.
    fileprivate static var digest: Form {
        Form("64 hexadecimal digits, as sha256sum prints them") { text in
            let isValid = text.utf8.count == 64 && text.allSatisfy(\.isHexDigit)
            return isValid ? text.lowercased() : nil
        }
    }

    /// A text whose `{{…}}` are all known; blanks inside the braces are taken out, as Go's templates allow them.
    fileprivate static var template: Form {
        let known = HookTemplate.allCases.map(\.rawValue)
        return Form("a text with no other templates than \(either(known))", meant: { meantTemplate($0, known) }) {
            text in
            text.utf8.contains(0) ? nil : normalized(text, known)
        }
    }

    private static func normalized(_ text: String, _ known: [String]) -> String? {
        var pieces: [Substring] = []
        var rest = text[...]
        while let (before, template, after) = firstTemplate(in: rest) {
            let plain = String(template.filter { $0 != " " })
            guard known.contains(plain) else { return nil }
            pieces += [before, plain[...]]
            rest = after
        }
        return rest.contains("{{.") ? nil : (pieces + [rest]).joined()
    }

    private static func meantTemplate(_ text: String, _ known: [String]) -> String? {
        var rest = text[...]
        while let (_, template, after) = firstTemplate(in: rest) {
            let plain = template.filter { $0 != " " }
            if !known.contains(plain) { return suggestion(for: plain, among: known) }
            rest = after
        }
        return nil
    }

    /// The text before the first `{{…}}`, that itself, and the text behind it.
    private static func firstTemplate(in text: Substring) -> (Substring, Substring, Substring)? {
        guard let start = firstPair("{", in: text) else { return nil }
        guard let end = firstPair("}", in: text[start...]) else { return nil }
        let behind = text.index(end, offsetBy: 2)
        return (text[..<start], text[start..<behind], text[behind...])
    }

    /// Where a character first stands twice in a row.
    private static func firstPair(_ character: Character, in text: Substring) -> Substring.Index? {
        text.indices.first { index in
            text[index] == character && text[index...].dropFirst().first == character
        }
    }
}
