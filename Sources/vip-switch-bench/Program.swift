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
        case "waterfall": try drawWaterfall(options)
        case "timeline": try drawTimeline(options)
        case "strike": try strike(options)
        case "disk": try measureDisk(options)
        case "report": try report(options)
        case "summary": try summary(options)
        case "observe": try Observer(options).run()
        case "note": try note(options)
        case "chaos-plan": try chaosPlan(options)
        case "chaos-judge": if try !chaosJudge(options) { exit(3) }
        default: throw Complaint("unknown command; see --help")
        }
    }

    static let usage = """
        vip-switch-bench respond --address VIP --port N --name NODE
            answers each probe to the VIP with the node's name, from the VIP, whenever this host has the VIP
        vip-switch-bench probe --address VIP --port N --answers FILE [--interval MICROSECONDS] [--live yes] [--stamps yes]
            sends a numbered probe a millisecond; writes down who answered when
        vip-switch-bench watch --address VIP --holdings FILE
            writes down when this network namespace has the VIP
        vip-switch-bench claim --interface NAME --address VIP --count N [--interval MICROSECONDS]
            says so often, once a second, that this machine has the VIP, by gratuitous ARP or neighbour advertisement
        vip-switch-bench mark --run DIRECTORY --event fault|start|cut|mend|back|end,… --node NODE
            writes down that something is done now
        vip-switch-bench waterfall --trace FILE --processes FILE --fault NANOSECONDS --order NODE,… --title TEXT
            a picture (SVG) of one failover, from the kernel's record of system calls; see scripts/waterfall
        vip-switch-bench timeline --run DIRECTORY --trace FILE --processes FILE --order NODE,… --title TEXT
            a picture (SVG) of one failover as a client and the segment see it; see scripts/waterfall --case power
        vip-switch-bench strike --run DIRECTORY --event fault,… --node NODE --signal TERM|KILL|STOP --pids N,… [--stop yes]
            the same, and sends the signal to these processes; --stop: all are stopped first
        vip-switch-bench disk --directory DIRECTORY
            median and worst of 200 small writes until the disk has them, in milliseconds
        vip-switch-bench figures --run DIRECTORY
            the figures of one run, as NAME=VALUE on one line
        vip-switch-bench report --results DIRECTORY --cases FOLDER:FIGURE=TITLE,… --teams NAME,…
            a table in Markdown for each case over DIRECTORY/FOLDER/NAME/1, DIRECTORY/FOLDER/NAME/2 …
        vip-switch-bench summary --results DIRECTORY --cases FOLDER:FIGURE=TITLE,… --teams NAME,…
            one table over the FIGURE of each case: the best peer and our profiles
        vip-switch-bench observe --address VIP --run DIRECTORY --nodes n1=NAMESPACE,…
            like `watch` for several network namespaces, in the order in which they changed
        vip-switch-bench note --run DIRECTORY
            writes down the deeds that it reads, for the judge
        vip-switch-bench chaos-plan --seed N --seconds N
            what `scripts/chaos` does, line by line
        vip-switch-bench chaos-judge --run DIRECTORY --nodes N --exclusivity prompt|strict|fenced --bound MILLISECONDS
            says what went wrong, and what was done around it; ends with 3 if anything did; `--tail yes`: only what was done last
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
