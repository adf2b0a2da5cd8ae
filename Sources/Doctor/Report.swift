/// What `vip-switch doctor` prints.
package struct Report: Hashable, Sendable {
    package var findings: [Finding]

    package init(_ findings: [Finding]) { self.findings = findings }

    package func count(_ severity: Finding.Severity) -> Int { findings.count { $0.severity == severity } }

    /// A line why, and one what to do, below a mark that a person finds with the eyes.
    package func text(isColoured: Bool) -> String {
        let width = findings.map { $0.check.rawValue.count }.max() ?? 0
        let lines = findings.map { finding in
            let mark = padded(finding.severity.rawValue, to: 9)
            let check = padded(finding.check.rawValue, to: width + 2)
            let subject = finding.subject.map { "\(plain($0)): " } ?? ""
            let why = coloured(mark, finding.severity, isColoured) + check + subject + plain(finding.why) + "\n"
            let margin = String(repeating: " ", count: 9 + width + 2)
            return why + (finding.advice.map { "\(margin)-> \(plain($0))\n" } ?? "")
        }
        return lines.joined() + "\n" + summary + "\n"
    }

    private var summary: String {
        let (errors, warnings) = (count(.error), count(.warning))
        return "\(errors) \(errors == 1 ? "error" : "errors"), \(warnings) \(warnings == 1 ? "warning" : "warnings"), "
            + "\(count(.ok)) ok"
    }

    private func padded(_ text: String, to width: Int) -> String {
        text + String(repeating: " ", count: max(0, width - text.count))
    }

    private func coloured(_ text: String, _ severity: Finding.Severity, _ isColoured: Bool) -> String {
        guard isColoured else { return text }
        let number =
            switch severity {
            case .ok: 32
            case .warning: 33
            case .error: 31
            }
        return "\u{1b}[\(number)m\(text)\u{1b}[0m"
    }

    /// Names of chains, processes and files are whoever's: they must not drive the terminal.
    private func plain(_ text: String) -> String {
        String(
            String.UnicodeScalarView(
                text.unicodeScalars.map { $0.value < 0x20 || (0x7f...0x9f).contains($0.value) ? "?" : $0 }
            )
        )
    }
}
