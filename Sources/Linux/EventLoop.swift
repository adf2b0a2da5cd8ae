internal import CLinux
internal import Glibc
package import Time

/// A single-threaded loop over epoll and one timerfd that is armed to the earliest deadline.
///
/// Due timers run before descriptors in every round: whoever must let go of an address does so before it hears news.
/// Handlers may watch, ignore, schedule and cancel anything, themselves included.
package final class EventLoop {
    /// What a watched descriptor is ready for. `hangup` and `failed` come whether asked for or not.
    package struct Readiness: OptionSet, Sendable {
        package let rawValue: UInt32
        package init(rawValue: UInt32) { self.rawValue = rawValue }
        /// `EPOLLIN`
        package static let readable = Readiness(rawValue: 0x001)
        /// `EPOLLOUT`
        package static let writable = Readiness(rawValue: 0x004)
        /// `EPOLLERR`
        package static let failed = Readiness(rawValue: 0x008)
        /// `EPOLLHUP`
        package static let hangup = Readiness(rawValue: 0x010)
    }

    /// A watched descriptor. The number is never used twice, so an event that was already fetched for a
    /// descriptor closed meanwhile cannot reach its successor of the same number.
    package struct Registration: Hashable, Sendable {
        fileprivate let id: UInt64
        fileprivate let descriptor: Int32
    }

    /// A scheduled handler.
    package struct TimerID: Hashable, Sendable {
        fileprivate let id: UInt64
    }

    private let epoll: FileDescriptor
    private let timer: FileDescriptor
    private var watchers: [UInt64: (Readiness) -> Void] = [:]
    private var timers: [UInt64: (deadline: Deadline, handler: () -> Void)] = [:]
    private var lastID: UInt64 = 0
    private var isStopped = false

    package init() throws(Errno) {
        epoll = FileDescriptor(owning: try retrying { epoll_create1(Int32(EPOLL_CLOEXEC)) })
        timer = FileDescriptor(
            owning: try retrying {
                timerfd_create(
                    CLOCK_BOOTTIME,
                    Int32(TFD_CLOEXEC) | Int32(TFD_NONBLOCK)
                )
            }
        )
        try control(EPOLL_CTL_ADD, timer.rawValue, .readable, id: 0)
    }

    /// Calls `handler` whenever `descriptor` is ready (level-triggered) until `ignore(_:)`.
    ///
    /// The caller keeps the descriptor open for as long as it is watched.
    package func watch(
        _ descriptor: borrowing FileDescriptor,
        for readiness: Readiness = .readable,
        _ handler: @escaping (Readiness) -> Void
    ) throws(Errno) -> Registration {
        let registration = Registration(id: nextID(), descriptor: descriptor.rawValue)
        try control(EPOLL_CTL_ADD, descriptor.rawValue, readiness, id: registration.id)
        watchers[registration.id] = handler
        return registration
    }

    /// Changes what a watched descriptor is watched for.
    package func rewatch(_ registration: Registration, for readiness: Readiness) throws(Errno) {
        try control(EPOLL_CTL_MOD, registration.descriptor, readiness, id: registration.id)
    }

    /// Stops watching; call it before the descriptor is closed.
    package func ignore(_ registration: Registration) {
        guard watchers.removeValue(forKey: registration.id) != nil else { return }
        // Fails only if the descriptor was closed first, and then epoll has forgotten it already.
        try? control(EPOLL_CTL_DEL, registration.descriptor, [], id: registration.id)
    }

    /// Calls `handler` once, when `deadline` has passed.
    @discardableResult
    package func schedule(_ deadline: Deadline, _ handler: @escaping () -> Void) -> TimerID {
        let id = nextID()
        timers[id] = (deadline, handler)
        return TimerID(id: id)
    }

    /// Calls `handler` once, `interval` from now.
    @discardableResult
    package func schedule(after interval: Duration, _ handler: @escaping () -> Void) -> TimerID {
        schedule(.timer(Clock.now() + interval), handler)
    }

    package func cancel(_ timer: TimerID) {
        timers[timer.id] = nil
    }

    /// Runs rounds until `stop()`.
    package func run() throws(Errno) {
        isStopped = false
        while !isStopped { try runOnce() }
    }

    /// Makes `run()` return after the current handler.
    package func stop() { isStopped = true }

    /// Waits for one event or deadline and handles what is due.
    package func runOnce() throws(Errno) {
        try armTimer()
        let ready = try wait()
        fireDueTimers()
        for (id, readiness) in ready where !isStopped {
            if id == 0 {
                _ = try? timer.read(upTo: 8)
            } else {
                watchers[id]?(readiness)
            }
        }
    }

    private func wait() throws(Errno) -> [(id: UInt64, readiness: Readiness)] {
        let epoll = epoll.rawValue
        var events = unsafe Array(repeating: epoll_event(), count: 64)
        let capacity = Int32(64)
        let count = try retrying { unsafe epoll_wait(epoll, &events, capacity, -1) }
        return (0..<Int(count)).map { index in
            unsafe (events[index].data.u64, Readiness(rawValue: events[index].events))
        }
    }

    private func fireDueTimers() {
        let now = Clock.now()
        let due = timers.filter { $0.value.deadline.hasPassed(at: now) }
            .sorted { $0.value.deadline.remaining(at: now) < $1.value.deadline.remaining(at: now) }
        // Looked up again: an earlier handler may have cancelled a later one.
        for (id, _) in due where !isStopped { timers.removeValue(forKey: id)?.handler() }
    }

    /// Arms the timerfd to the earliest deadline.
    ///
    /// timerfd knows no CLOCK_MONOTONIC_RAW, and BOOTTIME may be slewed against it by a tenth: a deadline that
    /// involves RAW is approached in steps of nine tenths and looked at again.
    private func armTimer() throws(Errno) {
        let now = Clock.now()
        var earliest: Int64?
        for (deadline, _) in timers.values {
            var wait = max(1, deadline.remaining(at: now).nanoseconds)
            if case .timer = deadline {} else if wait > 1_000_000 { wait -= wait / 10 }
            earliest = min(earliest ?? .max, wait)
        }
        var specification = itimerspec()
        if let earliest {
            let at = now.boottime.addingReportingOverflow(earliest)
            let nanoseconds = at.overflow ? Int64.max : at.partialValue
            specification.it_value.tv_sec = Int(nanoseconds / 1_000_000_000)
            specification.it_value.tv_nsec = Int(nanoseconds % 1_000_000_000)
        }
        let timer = timer.rawValue
        try retrying { unsafe timerfd_settime(timer, Int32(TFD_TIMER_ABSTIME), &specification, nil) }
    }

    private func control(_ operation: Int32, _ descriptor: Int32, _ readiness: Readiness, id: UInt64) throws(Errno) {
        var event = unsafe epoll_event()
        unsafe event.events = readiness.rawValue
        unsafe event.data.u64 = id
        let epoll = epoll.rawValue
        try retrying { unsafe epoll_ctl(epoll, operation, descriptor, &event) }
    }

    private func nextID() -> UInt64 {
        lastID += 1
        return lastID
    }
}
