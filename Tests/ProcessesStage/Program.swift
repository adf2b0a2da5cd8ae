import Linux

/// Plays the agent for one scene and prints, line by line, what it sees; ProcessesTests starts it and reads along.
@main
struct Program {
    static func main() throws {
        Signals.ignorePipe()
        let arguments = Array(CommandLine.arguments.dropFirst())
        switch arguments.first {
        case "helpers": try HelperScenes.standing()
        case "orphans": try HelperScenes.unreadAnswers()
        case "end": try HelperScenes.ending()
        case "messages": try HelperScenes.messages()
        case "signals": try HelperScenes.signals()
        case "lock": try HelperScenes.lock(arguments[1])
        case "dropped": try HelperScenes.dropped()
        case "three": try PrivilegeScenes.helpers(in: arguments[1])
        case "privileges": try PrivilegeScenes.drop(executing: Array(arguments.dropFirst()))
        case "scribe": try ScribeScenes.persist(into: arguments[1], count: 200)
        case "scribe-dies": try ScribeScenes.agentDies(into: arguments[1], count: 40)
        case "scribe-fails": try ScribeScenes.failing(in: arguments[1])
        case "scribe-hangs": try ScribeScenes.hanging(in: arguments[1], records: 3000)
        case "scribe-locked": try ScribeScenes.lockedOut(of: arguments[1])
        case "log": try LogScenes.write(to: arguments[1], next: arguments[2])
        case "log-full": try LogScenes.fullDisk(record: arguments[1], in: arguments[2])
        case "log-stuck": try LogScenes.readerStops()
        case "hooks": try HookScenes.play(Array(arguments.dropFirst()))
        default: say("no such scene")
        }
    }
}

/// Prints a line at once.
func say(_ line: String) {
    let output = FileDescriptor(owning: 1)
    try? output.writeAll(Array("\(line)\n".utf8))
    _ = output.release()
}
