internal import Glibc

extension StandardStream {
    package var isTerminal: Bool { isatty(rawValue) == 1 }
}
