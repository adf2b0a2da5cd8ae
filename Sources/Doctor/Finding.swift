/// One thing that was looked at, and what is thought of it.
///
/// The module is pure: facts come in, findings go out. What a machine is like is gathered elsewhere (`Preflight`), so that
/// every judgement can be tried without a machine that deserves it.
package struct Finding: Hashable, Sendable {
    package enum Severity: String, Hashable, Sendable, CaseIterable {
        case ok
        case warning
        case error
    }

    /// What it is about; the raw value is a stable name that scripts may look for.
    package enum Check: String, Hashable, Sendable, CaseIterable {
        case capabilities
        case user
        case configuration
        case agent
        case interface
        case subnet
        case placement
        case conflict
        case tryAddress = "try_address"
        case sysctl
        case manager
        case rival
        case clock
        case suspend
        case disk
        case space
        case port
        case member
        case timing
        case firewall
        case platform
        case container
        case limits
    }

    package var check: Check
    package var severity: Severity
    /// The interface, address, node or file; nil for the machine as a whole.
    package var subject: String?
    package var why: String
    /// What to do; nil where there is nothing to be done.
    package var advice: String?

    package init(_ severity: Severity, _ check: Check, _ subject: String?, _ why: String, _ advice: String? = nil) {
        self.severity = severity
        self.check = check
        self.subject = subject
        self.why = why
        self.advice = advice
    }
}

/// Makes findings of one check about one subject.
struct Topic {
    let check: Finding.Check
    let subject: String?

    init(_ check: Finding.Check, _ subject: String?) { (self.check, self.subject) = (check, subject) }

    func ok(_ why: String) -> Finding { .ok(check, subject, why) }
    func warning(_ why: String, do advice: String) -> Finding { .warning(check, subject, why, do: advice) }
    func error(_ why: String, do advice: String) -> Finding { .error(check, subject, why, do: advice) }
}

extension Finding {
    static func ok(_ check: Check, _ subject: String?, _ why: String) -> Finding { Finding(.ok, check, subject, why) }

    static func warning(_ check: Check, _ subject: String?, _ why: String, do advice: String) -> Finding {
        Finding(.warning, check, subject, why, advice)
    }

    static func error(_ check: Check, _ subject: String?, _ why: String, do advice: String) -> Finding {
        Finding(.error, check, subject, why, advice)
    }
}
