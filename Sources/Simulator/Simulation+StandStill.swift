import Time

/// Machines that stand still with all their processes and their kernel: outside of the model, since nobody on them can
/// know that time has passed. What is asked for is a bound: how long two nodes may have the VIP when such a one goes on.
extension Simulation {
    /// - Parameter stopsBoottime: False for a suspend, which BOOTTIME counts.
    func standStill(_ machine: Machine, for span: Nanoseconds, stopsBoottime: Bool) {
        // A clock cannot be given back what it was not to count: so it goes on before the faults are over.
        let span = min(span, plan.healedAt - moment)
        guard machine.agent != nil, span > 0 else { return }
        machine.standsStillUntil = moment + span
        machine.isStandingStill = true
        checker.lost(machine, at: moment)
        machine.clock.skip(boottime: stopsBoottime ? span : 0, raw: span)
        machine.kernel.standStill(for: span)
        agenda.note(.goesOn(machine, excusedFor: stopsBoottime ? excuse : 2 * plan.removal), at: moment + span)
        stop(machine, for: span)
        stopKeeper(machine, for: span)
    }

    /// The first exchange of heartbeats tells a leader that it leads no more, and then D is what it takes; where other
    /// faults keep it from any exchange, its own clock ends its lease after a promise at most.
    private var excuse: Nanoseconds {
        let exchange = plan.longestHeartbeat.nanoseconds + 4 * plan.weather.delay + 2 * plan.weather.tail
        let isAlone = plan.faults.count == 1
        return exchange + 2 * plan.removal + .milliseconds(100) + (isAlone ? 0 : plan.longestPromise.nanoseconds)
    }

    func goOn(_ machine: Machine, excusedFor span: Nanoseconds) {
        guard moment >= machine.standsStillUntil else { return }
        machine.isStandingStill = false
        // Where the keeper may be stopped, too, its clocks may allow it one more refresh before that.
        let rest = plan.exclusivity == .spared ? moment : moment + plan.kernelLifetime.upperBound
        // A short sleep takes nothing back of what a longer freeze excuses.
        machine.excusedUntil = max(machine.excusedUntil, max(moment, rest) + span)
        guard let term = machine.kernel.installed else { return }
        // Where another has it by now, that one is the holder.
        if machines.contains(where: { $0 !== machine && $0.answers(at: moment) }) {
            checker.judgeHolders(machines, at: moment)
        } else {
            checker.installed(term, machine, machines, at: moment)
        }
    }
}
