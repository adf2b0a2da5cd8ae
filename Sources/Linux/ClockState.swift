internal import CLinux
internal import Glibc

/// What adjtimex(2) says of the wall clock, and sysfs of where time comes from.
package struct ClockState: Hashable, Sendable {
    package var source: String?
    package var isSynchronized: Bool?
    /// By how much the kernel changes the clock's rate, in millionths.
    package var correction: Double?
    package var suspensions: Int?

    /// `TIME_ERROR`, `STA_UNSYNC`
    private static let error: Int32 = 5
    private static let unsynchronized: Int32 = 0x40

    package static func read() -> ClockState {
        var (frequency, tick, status) = (0, 0, Int32(0))
        let state = unsafe clinux_clock_state(&frequency, &tick, &status)
        let source = SmallFile.line("/sys/devices/system/clocksource/clocksource0/current_clocksource")
        return ClockState(
            source: source,
            isSynchronized: state < 0 ? nil : state != error && status & unsynchronized == 0,
            // `freq` has 16 bits behind the point; a `tick` of 10,000 µs is right where USER_HZ is 100, as everywhere.
            correction: state < 0 ? nil : Double(frequency) / 65_536 + Double(tick - 10_000) * 100,
            suspensions: SmallFile.integer("/sys/power/suspend_stats/success")
        )
    }
}
