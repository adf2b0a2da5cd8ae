internal import Configuration
internal import Hooks
internal import Linux

extension Preflight {
    /// Every hook as the runner will look at it right before it runs, and what its script does that the agent does itself.
    static func inspectHooks(_ configuration: Configuration, _ origins: Origins) -> [Diagnostic] {
        guard configuration.hooks.isEnabled else { return [] }
        let signature = configuration.hooks.signature
        var key: SignatureKey?
        if let signature {
            do throws(HookRefusal) {
                key = try SignatureKey.read(signature.keyFile)
            } catch {
                let setting = "hooks.signature_key_file"
                return [Diagnostic(.error, at: origins[setting], "\(setting): \(error)")]
            }
        }
        return configuration.allHooks.flatMap { entry in
            inspect(entry.hook, signature, key).map { severity, text in
                let setting = "\(entry.setting).command"
                return Diagnostic(severity, at: origins[setting], "\(setting): \(text)")
            } + bindingLines(of: entry.hook)
        }
    }

    private static func inspect(
        _ hook: Hook,
        _ signature: HookSignature?,
        _ key: SignatureKey?
    ) -> [(Diagnostic.Severity, String)] {
        let check = HookCommandCheck(hook.command)
        let warnings = check.warnings.map { (Diagnostic.Severity.warning, $0) }
        guard check.errors.isEmpty else { return check.errors.map { (.error, $0) } + warnings }
        do throws(HookRefusal) {
            _ = try CheckedProgram(hook, signature, key)
            return warnings
        } catch {
            return [(.error, error.description)] + warnings
        }
    }

    private static func bindingLines(of hook: Hook) -> [Diagnostic] {
        let found = BindingLines(ofScriptAt: hook.command)
        return found.lines.map { line in
            Diagnostic(
                .warning,
                at: .file(found.path, Position(line: line.number, column: 1)),
                "the agent does this itself; remove it: \(quoted(line.text))"
            )
        }
    }
}
