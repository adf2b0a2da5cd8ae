extension Reader {
    func hooks(_ field: Field, _ draft: inout Draft) {
        guard var section = field.section("enabled, timeout, on_failure and hooks by name") else { return }
        draft.hooks.isEnabled = section.field("enabled").read(.truth, default: true)
        let defaults = Hook(
            command: "",
            arguments: [],
            timeout: section.field("timeout").read(.hookTimeout, default: .seconds(60)),
            onFailure: section.field("on_failure").read(.failurePolicy, default: .continue),
            environment: []
        )
        for event in HookEvent.allCases {
            let field = section.field(event.rawValue)
            if field.isGiven { draft.hooks.hooks[event] = hook(field, defaults) }
        }
        let debounce = section.field("debounce")
        if let wait = debounce.read(.duration(.zero ... .seconds(3600))), wait > .zero {
            ledger.error(at: debounce.path, "\(debounce.path): \(text(of: wait)) is not available yet; expected 0s")
        }
        for key in ["BeforeMaster", "BeforeSlave"] { section.refuse(key) }
        section.finish()
    }

    private func hook(_ field: Field, _ defaults: Hook) -> Hook? {
        guard var section = field.section("command, args, timeout, on_failure and environment") else { return nil }
        let command = section.field("command").require(.absolutePath)
        let arguments = section.field("args")
        let items = arguments.isGiven ? arguments.list("a list of texts") ?? [] : []
        let hook = Hook(
            command: command ?? "",
            arguments: items.compactMap { $0.read(.template) },
            timeout: section.field("timeout").read(.hookTimeout, default: defaults.timeout),
            onFailure: section.field("on_failure").read(.failurePolicy, default: defaults.onFailure),
            environment: environment(section.field("environment"))
        )
        section.refuse("sha256")
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
}

extension Form where Value == Hook.FailurePolicy {
    /// `ignore` is the ancestor's word for `continue`.
    fileprivate static var failurePolicy: Form {
        let names = Form.oneOf(Hook.FailurePolicy.self)
        return Form(names.words, meant: names.meant) { $0 == "ignore" ? .continue : names.parse($0) }
    }
}

extension Form where Value == String {
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
