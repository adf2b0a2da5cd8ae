internal import CLinux
internal import Glibc
import Time

/// A program that we started, leading a process group of its own, its output on two pipes.
///
/// posix_spawn(3) does between fork and exec only what is safe there: standard input is `/dev/null`, signals are back at
/// their defaults and unblocked, every descriptor from 3 up is closed.
package final class Child {
    package struct Program: Hashable, Sendable {
        /// An absolute path; no folder list is searched and no shell asked.
        package var path: String
        /// Without the program's own name.
        package var arguments: [String]
        /// `NAME=value`, and nothing else is inherited.
        package var environment: [String]

        package init(path: String, arguments: [String] = [], environment: [String] = []) {
            self.path = path
            self.arguments = arguments
            self.environment = environment
        }
    }

    package let output: FileDescriptor
    package let errors: FileDescriptor
    private let process: Pidfd

    package var pid: Int32 { process.pid }

    /// For the event loop to watch: readable when the program has ended.
    package var exitDescriptor: FileDescriptor { _read { yield process.descriptor } }

    /// Throws what exec(2) failed with, too: `noEntry`, `accessDenied`, `noExecFormat`.
    /// - Parameter copy: What is executed instead of the file at the program's path.
    package init(_ program: Program, from copy: ProgramCopy? = nil) throws(Errno) {
        let outputs = try DescriptorPair.pipe()
        let errors = try DescriptorPair.pipe()
        let pid = try Self.spawn(program, copy, outputs.second.rawValue, errors.second.rawValue)
        process = try Pidfd(ofNew: pid)
        output = outputs.first
        self.errors = errors.first
    }

    /// Sends `signal` to every process of the group.
    ///
    /// Only before `reap()`: until then the group's number is surely ours. A group that is gone is no error.
    package func signalGroup(_ signal: Signal) throws(Errno) {
        precondition(!isReaped, "the group \(pid) may be another's by now")
        do throws(Errno) {
            try retrying { Glibc.kill(-pid, signal.rawValue) }
        } catch {
            if error != .noProcess { throw error }
        }
    }

    package var isReaped: Bool { process.isReaped }

    /// How the program ended, which leaves no zombie; nil while it runs.
    package func reap() throws(Errno) -> ExitStatus? { try process.reap() }

    /// Blocks until the program has ended, at most for `bound`, and reaps it.
    package func wait(upTo bound: Duration) throws(Errno) -> ExitStatus? { try process.wait(upTo: bound) }
}

extension Child {
    private static func spawn(
        _ program: Program,
        _ copy: ProgramCopy?,
        _ output: Int32,
        _ errors: Int32
    ) throws(Errno) -> Int32 {
        var actions = unsafe posix_spawn_file_actions_t()
        unsafe posix_spawn_file_actions_init(&actions)
        defer { unsafe posix_spawn_file_actions_destroy(&actions) }
        unsafe posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0)
        unsafe posix_spawn_file_actions_adddup2(&actions, output, 1)
        unsafe posix_spawn_file_actions_adddup2(&actions, errors, 2)
        // A script's interpreter opens the copy by its number, so that one stays open.
        if let copy { unsafe posix_spawn_file_actions_adddup2(&actions, copy.descriptor.rawValue, ProgramCopy.number) }
        unsafe clinux_spawn_close_from(&actions, copy == nil ? 3 : ProgramCopy.number + 1)
        var attributes = posix_spawnattr_t()
        prepare(&attributes)
        defer { unsafe posix_spawnattr_destroy(&attributes) }
        var pid: Int32 = 0
        let failure = unsafe withCStrings([program.path] + program.arguments) { arguments in
            unsafe withCStrings(program.environment) { environment in
                let path = copy == nil ? program.path : ProgramCopy.path
                return unsafe posix_spawn(&pid, path, &actions, &attributes, arguments, environment)
            }
        }
        guard failure == 0 else { throw Errno(failure) }
        return pid
    }

    private static func prepare(_ attributes: inout posix_spawnattr_t) {
        unsafe posix_spawnattr_init(&attributes)
        let flags = POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETSIGMASK
        unsafe posix_spawnattr_setflags(&attributes, Int16(flags))
        unsafe posix_spawnattr_setpgroup(&attributes, 0)
        unsafe posix_spawnattr_setsigdefault(&attributes, &SignalMask.everything.set)
        unsafe posix_spawnattr_setsigmask(&attributes, &SignalMask([]).set)
    }

    /// A NULL-terminated array of C strings that lives as long as `body` runs.
    private static func withCStrings<Result>(
        _ strings: [String],
        _ body: ([UnsafeMutablePointer<CChar>?]) -> Result
    ) -> Result {
        let copies = unsafe strings.map { unsafe strdup($0) }
        defer { unsafe copies.forEach { unsafe free($0) } }
        return unsafe body(copies + [nil])
    }
}
