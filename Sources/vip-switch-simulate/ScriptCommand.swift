import Linux
import Simulator

/// `vip-switch-simulate script`: plays scripts and compares what comes out with what they expect.
enum ScriptCommand {
    static let usage = """
        usage: vip-switch-simulate script [--rewrite] [--diagrams] [FILE...]
        Plays scripts in the grammar of the tests of etcd's raft, from standard input where no file is named: a command, lines
        of input, ----, what should come out, a blank line. A block that expects nothing is printed with what came out; one
        that expects something else is printed with both. --rewrite prints the whole script with what came out;
        --diagrams draws who has what for `committed`, as etcd's own files expect it.
        Ends with 1 where something else came out, with 2 where something could not be done.

        majorities   committed cfg=(1,2,3) idx=(100,101,_)        vote cfg=(1,2,3) votes=(y,n,_)
        nodes        add-nodes N [voters=(1,2,3)] [learners=(4)] [index=N] [compaction=N]   crash ID [will]
                     restart ID [wiped] [term=T] [vote=ID] [log=(T,T,...)] [promised=DURATION]
                     fitness ID [priority=N] [may-hold=true] [impaired=false]
        time         campaign ID   tick-heartbeat ID   tick-election ID   advance DURATION [ID...]   run DURATION
                     sleep DURATION ID...
        messages     deliver-msgs [ID...] [drop=(ID,...)] [type=MsgVote] [keep]   stabilize [ID...]
                     delay ID... [type=MsgVote]   arrive   cut ID...   cut from=ID to=ID   heal
        disk, VIPs   persist ID...   disk ID hangs|works   withdrawn ID
        operator     propose ID DATA   propose-conf-change ID v4|l4|r4   transfer-leadership from=ID [to=ID]   resign ID
                     timing ID heartbeat=DURATION promise=DURATION   withdrawal ID takes=DURATION
        looking      raft-state   raft-log ID   status ID   vips   msgs   log-level none|info|debug   print

        """

    /// A script is written by hand.
    private static let sizeLimit = 16 << 20

    static func run(_ arguments: [String]) -> Int32 {
        if arguments.contains("--help") || arguments.contains("-h") {
            write(usage)
            return 0
        }
        let files = arguments.filter { $0 != "--rewrite" && $0 != "--diagrams" }
        if let option = files.first(where: { $0.hasPrefix("-") && $0 != "-" }) {
            write("vip-switch-simulate script: there is no option \(option)\n" + usage, to: .error)
            return 2
        }
        return (files.isEmpty ? ["-"] : files).map { file in
            let name = file == "-" ? "stdin" : file
            let run = ScriptRun(
                of: name,
                isRewriting: arguments.contains("--rewrite"),
                isDrawing: arguments.contains("--diagrams")
            )
            return play(file, run)
        }.max() ?? 0
    }

    private static func play(_ file: String, _ run: ScriptRun) -> Int32 {
        if file == "-" { return play(AnySequence { AnyIterator { readLine() } }, run) }
        do throws(Errno) {
            let text = String(decoding: try RegularFile.read(file, limit: sizeLimit).bytes, as: UTF8.self)
            var lines = text.split(omittingEmptySubsequences: false) { $0 == "\n" || $0 == "\r\n" }.map(String.init)
            // What follows the last line's end is no line.
            if lines.last == "" { lines.removeLast() }
            return play(AnySequence(lines), run)
        } catch {
            write("\(file): \(error)\n", to: .error)
            return 2
        }
    }

    private static func play(_ lines: AnySequence<String>, _ run: ScriptRun) -> Int32 {
        var run = run
        // Block by block: whoever writes one on a pipe reads its answer before the next.
        for line in lines { run.take(line).forEach(tell) }
        run.finish().forEach(tell)
        if run.faults > 0 { return 2 }
        return run.differences > 0 ? 1 : 0
    }

    private static func tell(_ output: ScriptRun.Output) {
        switch output {
        case .transcript, .difference: write(output.text + "\n")
        case .fault: write(output.text + "\n", to: .error)
        }
    }

    /// Nobody is left to tell of a failure.
    private static func write(_ text: String, to stream: StandardStream = .output) {
        try? stream.write(text)
    }
}
