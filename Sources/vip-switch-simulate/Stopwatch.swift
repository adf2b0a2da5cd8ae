import Glibc

/// Measures the time since it was made: the processor's, which a busy machine does not falsify, and that on the wall.
struct Stopwatch: CustomStringConvertible {
    private let processorStart = Self.read(CLOCK_PROCESS_CPUTIME_ID)
    private let wallStart = Self.read(CLOCK_MONOTONIC)

    /// Of processor time.
    var seconds: Double { Self.read(CLOCK_PROCESS_CPUTIME_ID) - processorStart }

    var description: String {
        "\(Self.tenths(seconds)) s of processor time in \(Self.tenths(Self.read(CLOCK_MONOTONIC) - wallStart)) s"
    }

    private static func tenths(_ seconds: Double) -> Double { (seconds * 10).rounded() / 10 }

    private static func read(_ clock: clockid_t) -> Double {
        var time = timespec()
        unsafe clock_gettime(clock, &time)
        return Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
    }
}
