internal import CLinux
internal import Glibc

/// A network namespace of its own, without a name: the kernel ends it when this value and all sockets in it are gone.
///
/// For tests and benchmarks, which need machines that are not there; making one needs CAP_SYS_ADMIN.
package final class NetworkNamespace {
    private let descriptor: FileDescriptor

    /// What `ip link set … netns` takes for a name, in any process while this one has the namespace open.
    package var path: String { "/proc/\(getpid())/fd/\(descriptor.rawValue)" }

    /// Makes an empty namespace, with nothing but a loopback interface that is off.
    package init() throws(Errno) {
        let home = try Self.current()
        try retrying { clinux_new_network_namespace() }
        defer { Self.enter(home) }
        descriptor = try Self.current()
    }

    /// Opens a namespace that has a name (`ip netns add`).
    package init(named name: String) throws(Errno) {
        descriptor = try Self.open("/run/netns/\(name)")
    }

    /// Runs `body` inside. Sockets opened there stay there; children inherit it; `/proc/sys/net` shows it.
    ///
    /// Only the calling thread enters, and it is back when this returns, so that tests may run side by side.
    @discardableResult
    package func run<Result: ~Copyable, Failure: Error>(
        _ body: () throws(Failure) -> Result
    ) throws(Failure) -> Result {
        guard let home = try? Self.current() else { preconditionFailure("no /proc") }
        Self.enter(descriptor)
        defer { Self.enter(home) }
        return try body()
    }

    private static func current() throws(Errno) -> FileDescriptor {
        try open("/proc/thread-self/ns/net")
    }

    private static func open(_ path: String) throws(Errno) -> FileDescriptor {
        FileDescriptor(owning: try retrying { unsafe clinux_open(path, O_RDONLY | O_CLOEXEC, 0) })
    }

    /// A thread left in the wrong namespace would go on to change the machine itself: better none at all.
    private static func enter(_ namespace: borrowing FileDescriptor) {
        let result = clinux_enter_network_namespace(namespace.rawValue)
        precondition(result == 0, "setns: \(Errno.last)")
    }
}
