/// How the program ends, whatever the command; scripts rely on these numbers.
package enum ExitCode: Int32, CaseIterable, Sendable {
    case success = 0
    /// It could not go on, or not start, for a reason outside the configuration.
    case failure = 1
    /// The command line or the configuration is wrong.
    case usage = 2
    /// No leader is known: to be shown, or to carry an order out.
    case noLeader = 3
}
