/// What a command has to tell, by how closely one wants to look.
struct ScriptNotes {
    enum Level: Int, Comparable {
        /// Every write and every message, also when it leaves.
        case debug
        /// What arrives, and what becomes of it.
        case info
        /// What was asked for, and nothing else.
        case none

        static func < (a: Level, b: Level) -> Bool { a.rawValue < b.rawValue }
    }

    private(set) var lines: [String] = []
    /// Too much arrives to be told one by one.
    var isQuick = false
    var level = Level.info
    /// Stands over what is told next, if anything is.
    private var heading: String?
    private var isIndented = false

    mutating func begin() {
        lines = []
        endSection()
    }

    mutating func setLevel(_ name: String) throws(ScriptFault) {
        switch name {
        case "debug": level = .debug
        case "info": level = .info
        case "none": level = .none
        default: throw ScriptFault("log-level is none, info or debug, found '\(name)'")
        }
    }

    /// What follows happens under this heading, which is told only with something under it.
    mutating func beginSection(_ heading: String) {
        self.heading = heading
        isIndented = true
    }

    mutating func endSection() {
        heading = nil
        isIndented = false
    }

    /// What becomes of a node.
    mutating func note(_ line: @autoclosure () -> String) { add(.info, line()) }

    /// What arrives, and where.
    mutating func noteArrival(_ line: @autoclosure () -> String) { add(isQuick ? .debug : .info, line()) }

    mutating func noteDetail(_ line: @autoclosure () -> String) { add(.debug, line()) }

    private mutating func add(_ level: Level, _ line: @autoclosure () -> String) {
        guard level >= self.level, self.level != .none else { return }
        if let heading, !isQuick { lines.append(heading) }
        heading = nil
        lines.append(isIndented && !isQuick ? "  " + line() : line())
    }

    /// What was asked for is told whatever the level.
    mutating func tell(_ answer: [String]) { lines += answer }
}
