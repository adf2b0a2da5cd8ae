/// How much a line matters, the least first; the names are those of `logging.level`.
package enum LogLevel: String, Hashable, Sendable, CaseIterable, Comparable {
    case debug, info, notice, warn, error

    package static func < (one: LogLevel, other: LogLevel) -> Bool {
        one.severity < other.severity
    }

    /// As syslog(3) counts: `LOG_DEBUG` is 7, `LOG_ERR` 3.
    var priority: Int {
        switch self {
        case .debug: 7
        case .info: 6
        case .notice: 5
        case .warn: 4
        case .error: 3
        }
    }

    private var severity: Int {
        switch self {
        case .debug: 0
        case .info: 1
        case .notice: 2
        case .warn: 3
        case .error: 4
        }
    }
}
