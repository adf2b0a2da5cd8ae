import Configuration
import Control
import Glibc
import Linux
import Net

@main
struct Program {
    private enum Ending: Int32 {
        case success = 0, failure = 1, usage = 2
    }

    static func main() {
        // The very first act: whoever talks to HTTP clients must have nothing worth taking.
        if let failure = giveUpPrivileges() { exit(end(.failure, failure).rawValue) }
        exit(run(CommandLine.arguments.dropFirst()).rawValue)
    }

    /// Clears every capability, also that of getting some by running a file that has them.
    private static func giveUpPrivileges() -> String? {
        do throws(Errno) {
            try Capabilities.setNoNewPrivileges()
            try Capabilities.dropAll()
            try Capabilities.setNonDumpable()
            return nil
        } catch {
            return "cannot give up privileges: \(error)"
        }
    }

    private static func run(_ words: some Sequence<String>) -> Ending {
        do throws(Options.Question) {
            return serve(try Options(words, load: load))
        } catch {
            switch error {
            case .help: return answer(Options.help)
            case .version: return answer("vip-switch-exporter \(programVersion)\n")
            case .misuse(let text): return end(.usage, text + "\nMore: vip-switch-exporter --help")
            case .configuration(let text): return end(.usage, text)
            }
        }
    }

    private static func serve(_ options: Options) -> Ending {
        Signals.ignorePipe()
        do throws(Errno) {
            let loop = try EventLoop()
            let exporter = try Exporter(listener(options), asking: options.socket, on: loop)
            let signals = try Signals(on: loop) { signal in
                guard [.terminate, .interrupt].contains(signal) else { return }
                exporter.stop { loop.stop() }
            }
            say("listening on http://\(options.listen)/, asking the agent at \(options.socket)")
            try loop.run()
            withExtendedLifetime((exporter, signals)) {}
            return .success
        } catch {
            return end(.failure, explanation(error, options))
        }
    }

    private static func listener(_ options: Options) throws(Errno) -> TCPListener {
        try TCPListener(at: options.listen)
    }

    private static func explanation(_ error: Errno, _ options: Options) -> String {
        let place = "cannot listen on \(options.listen)"
        return switch error {
        case .addressInUse: "\(place): another program has the port; stop it, or name another with --listen"
        case .addressNotAvailable: "\(place): no interface of this machine has that address"
        case .accessDenied, .notPermitted: "\(place): \(error); ports below 1024 are for root"
        default: "\(place): \(error)"
        }
    }

    private static func load(_ path: String) throws(Options.Question) -> Configuration {
        let file: RegularFile
        do throws(Errno) {
            file = try RegularFile.read(path, limit: Configuration.largestFile)
        } catch {
            throw .configuration("\(path): cannot read it: \(error); expected the agent's configuration")
        }
        let reading = Configuration.read(ConfigurationInput(file: TextFile(path: path, bytes: file.bytes)))
        guard let configuration = reading.configuration else {
            let lines = reading.diagnostics.filter { $0.severity == .error }.map(\.description)
            throw .configuration(lines.joined(separator: "\n"))
        }
        return configuration
    }

    private static func answer(_ text: String) -> Ending {
        do throws(Errno) {
            try StandardStream.output.write(text)
            return .success
        } catch {
            return end(.failure, "cannot write to standard output: \(error)")
        }
    }

    private static func end(_ ending: Ending, _ text: String) -> Ending {
        say(text)
        return ending
    }

    /// A line for the journal. Where standard error is closed there is nobody left to tell.
    static func say(_ text: String) { try? StandardStream.error.write("vip-switch-exporter: \(text)\n") }
}
