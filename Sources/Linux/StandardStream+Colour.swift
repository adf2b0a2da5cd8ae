internal import Glibc

extension StandardStream {
    /// A terminal that nobody has asked to spare (https://no-color.org).
    package var takesColour: Bool {
        let isSpared = ProcessEnvironment.value("NO_COLOR").map { !$0.isEmpty } ?? false
        return !isSpared && ProcessEnvironment.value("TERM") != "dumb" && isatty(rawValue) == 1
    }
}
