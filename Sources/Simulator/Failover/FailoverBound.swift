import Raft
import Time

/// What the arithmetic says of a failover in which no datagram, timer or keeper is late beyond the usual.
///
/// A promise runs from the receipt of the last heartbeat, which was sent up to a heartbeat before the fault. The first
/// successor has no slot to wait. It writes its own vote before it asks for others, and the voter writes before it
/// answers, so there are two writes one after the other. The first heartbeat of the new term must be acknowledged.
package struct FailoverBound: Sendable {
    private struct Part {
        let name: String
        let span: ClosedRange<Nanoseconds>
    }

    private let promise: Nanoseconds
    private let heartbeat: Nanoseconds
    private let rest: [Part]

    package init(_ plan: Plan) {
        promise = plan.timing.promise.nanoseconds
        heartbeat = plan.timing.heartbeat.nanoseconds
        let delay = Usual.delay(plan.weather.delay)
        let roundTrip = 2 * delay.lowerBound...2 * delay.upperBound
        let write = Usual.write(plan.write)
        rest = [
            Part(name: "the heartbeat's way", span: delay),
            Part(name: "the successor's timer", span: Usual.lateness),
            Part(name: "slot of the first successor (rank 0)", span: 0...0),
            Part(name: "pre-vote, there and back", span: roundTrip),
            Part(name: "write of its own vote", span: write),
            Part(name: "vote, there and back", span: roundTrip),
            Part(name: "write of the other's vote", span: write),
            Part(name: "first heartbeat, there and back", span: roundTrip),
            Part(name: "to the keeper", span: Usual.request),
            Part(name: "adding the address", span: Usual.adding(plan.timing.withdrawal.nanoseconds)),
        ]
    }

    /// The fault comes just before a heartbeat that is itself a little late.
    package var least: Nanoseconds {
        promise - heartbeat - Usual.lateness.upperBound + rest.reduce(0) { $0 + $1.span.lowerBound }
    }

    /// The fault comes just behind a heartbeat.
    package var latest: Nanoseconds { promise + rest.reduce(0) { $0 + $1.span.upperBound } }

    package func contains(_ time: Nanoseconds) -> Bool { (least...latest).contains(time) }

    /// The sums written out, in milliseconds.
    package var formula: [String] {
        let age = -(heartbeat + Usual.lateness.upperBound)
        return [
            row("", "least", "latest"),
            row("promise, from the last heartbeat's receipt", ms(promise), ms(promise)),
            row("that heartbeat's age at the fault: H and its lateness, or none", ms(age), ms(0)),
        ] + rest.map { row($0.name, ms($0.span.lowerBound), ms($0.span.upperBound)) } + [
            row("together", ms(least), ms(latest))
        ]
    }

    private func row(_ name: String, _ least: String, _ latest: String) -> String {
        let dots = String(repeating: " ", count: max(0, 64 - name.utf8.count))
        return "  \(name)\(dots)\(right(least, 9))\(right(latest, 9))"
    }
}

/// Milliseconds with two digits behind the point, the rest cut off.
func ms(_ span: Nanoseconds) -> String {
    let hundredths = span.magnitude / 10_000
    let cents = "\(hundredths % 100)"
    return "\(span < 0 ? "-" : "")\(hundredths / 100)." + (cents.utf8.count < 2 ? "0" : "") + cents
}
