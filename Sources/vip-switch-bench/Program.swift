import Glibc

/// What the lab measures with: a responder in each node, a prober in the client, a watcher beside each kernel, marks of
/// what was done, and the figures over all of these. Not installed.
///
/// Every file that they leave has one event a line, `NANOSECONDS WORD…`, on `CLOCK_BOOTTIME`, which is one clock for all
/// namespaces of a machine.
@main
struct Program {
    static func main() {
        var words = CommandLine.arguments.dropFirst()
        guard let name = words.popFirst(), name != "--help" else {
            print(usage)
            return
        }
        do {
            let options = try Options(Array(words))
            try run(name, options)
        } catch {
            writeError("vip-switch-bench \(name): \(error)")
            exit(1)
        }
    }

    private static func run(_ name: String, _ options: Options) throws {
        switch name {
        case "respond": try Responder(options).run()
        case "probe": try Prober(options).run()
        case "watch": try Watcher(options).run()
        case "claim": try claim(options)
        case "mark": try mark(options)
        case "figures": print(RunFigures(try Recording(directory: options.required("run"))).line)
        case "report": try report(options)
        default: throw Complaint("unknown command; expected one of: \(commands)")
        }
    }

    private static let commands = "respond, probe, watch, claim, mark, figures, report"

    static let usage = """
        vip-switch-bench respond --address VIP --port N --name NODE
            answers each probe to the VIP with the node's name, from the VIP, whenever this host has the VIP
        vip-switch-bench probe --address VIP --port N --answers FILE [--interval MICROSECONDS] [--live yes]
            sends a numbered probe a millisecond; writes down who answered when
        vip-switch-bench watch --address VIP --holdings FILE
            writes down when this network namespace has the VIP
        vip-switch-bench claim --interface NAME --address VIP --count N [--interval MICROSECONDS]
            says so often, once a second, that this machine has the VIP, by gratuitous ARP or neighbour advertisement
        vip-switch-bench mark --run DIRECTORY --event fault|cut|mend|back|end --node NODE
            writes down that something is done now
        vip-switch-bench figures --run DIRECTORY
            the figures of one run, as NAME=VALUE on one line
        vip-switch-bench report --results DIRECTORY --cases FOLDER=TITLE,…
            a table in Markdown over DIRECTORY/FOLDER/1, DIRECTORY/FOLDER/2 …
        """
}

/// What is wrong with a command or a file, in one sentence.
struct Complaint: Error, CustomStringConvertible {
    let description: String
    init(_ description: String) { self.description = description }
}

func writeError(_ line: String) {
    let text = Array((line + "\n").utf8)
    _ = unsafe write(2, text, text.count)
}
