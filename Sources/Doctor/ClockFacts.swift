/// The clocks that leases are kept on, and what tells of their rate.
package struct ClockFacts: Hashable, Sendable {
    /// As in `/sys/devices/system/clocksource`.
    package var source: String?
    /// `adjtimex(2)`: whether something keeps the wall clock right.
    package var isSynchronized: Bool?
    /// By how much the kernel corrects the clock's rate, in millionths.
    package var correction: Double?
    /// How often the machine has been suspended since it booted.
    package var suspensions: Int?

    package init() {}

    /// Those that cost a system call's time or may be found unstable.
    private static let poor: Set<String> = ["acpi_pm", "hpet", "jiffies", "pit", "refined-jiffies"]
    /// The argument for the lease allows 2,000; oscillators of computers have less than 100.
    private static let suspicious = 1000.0
}

extension ClockFacts {
    var findings: [Finding] {
        [sourceFinding, rateFinding, synchronization, suspension].compactMap(\.self)
    }

    private var sourceFinding: Finding? {
        guard let source else { return nil }
        guard Self.poor.contains(source) else { return .ok(.clock, source, "a good clock source") }
        return .warning(
            .clock,
            source,
            "a slow clock source, which the kernel falls back to when the better one is unstable",
            do: "look for `clocksource` in dmesg; on a virtual machine choose its host's (kvm-clock, tsc)"
        )
    }

    private var rateFinding: Finding? {
        guard let correction, abs(correction) > Self.suspicious else { return nil }
        return .error(
            .clock,
            source,
            "the kernel corrects its rate by \(Int(correction.rounded())) millionths, and the lease reckons with 2,000 at most "
                + "between two nodes",
            do: "see what runs as NTP client, and whether the virtual machine's clock is sound"
        )
    }

    private var synchronization: Finding? {
        switch isSynchronized {
        case nil: nil
        case true?: .ok(.clock, nil, "the wall clock is synchronised")
        case false?:
            .warning(
                .clock,
                nil,
                "the wall clock is not synchronised: no lease depends on it, but the times in the nodes' logs will not match",
                do: "run chrony or systemd-timesyncd"
            )
        }
    }

    private var suspension: Finding? {
        guard let suspensions else { return nil }
        if suspensions == 0 { return .ok(.suspend, nil, "this machine has not been suspended since it booted") }
        return .warning(
            .suspend,
            nil,
            "this machine has been suspended \(suspensions) times since it booted; a holder that sleeps loses the VIP",
            do: "type: systemctl mask sleep.target suspend.target hibernate.target"
        )
    }
}
