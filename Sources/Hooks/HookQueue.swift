internal import Configuration
package import Time

/// Decides which hook may begin when.
///
/// - One hook of a group at a time, in the order in which things happened; hooks of different groups beside each other, up
///   to `limit` of them.
/// - ToReady and ToDestroy are the node's: they wait for everything before them and hold up everything after them.
/// - A role change begins when the role has lasted for `debounce`. BeforeMaster, BeforeSlave and ToDestroy, for which a VIP
///   or the end of the agent waits, end that wait for what stands before them.
/// - What was undone before its hook began is not delivered: of a group's waiting role changes only the last stays, and not
///   even that where it leads back to the role whose hook began last. Unless that hook failed, the site then already is as
///   it should be. BeforeMaster is undone by ToSlave; BeforeSlave undoes a ToMaster that has not begun, and itself with it.
package struct HookQueue: Sendable {
    package enum Effect: Hashable, Sendable {
        case begin(HookRequest)
        case undone(HookRequest)
    }

    private struct Waiting {
        var request: HookRequest
        /// Nil where it waits for nothing but its turn.
        var due: Instant?
    }

    /// May be changed at any time; what waits already keeps its time.
    package var debounce: Duration
    private let limit: Int
    private var waiting: [Waiting] = []
    private var running: [HookRequest] = []
    /// The role whose hook began last and has not failed, by group.
    private var role: [Int?: HookEvent] = [:]

    package init(debounce: Duration = .zero, limit: Int = .max) {
        self.debounce = debounce
        self.limit = limit
    }

    package mutating func add(_ request: HookRequest, at now: Instant) -> [Effect] {
        let superseded = waiting.map(\.request).filter { $0.supersededBy(request) }
        waiting.removeAll { $0.request.supersededBy(request) }
        hasten(request)
        var effects = superseded.map(Effect.undone)
        if isNeedless(request, superseded) {
            effects.append(.undone(request))
        } else {
            let isDelayed = request.event.isRole && debounce > .zero
            waiting.append(Waiting(request: request, due: isDelayed ? now + debounce : nil))
        }
        return effects + begin(at: now)
    }

    package mutating func ended(_ request: HookRequest, succeeded: Bool, at now: Instant) -> [Effect] {
        running.removeAll { $0.number == request.number }
        if !succeeded, role[request.group] == request.event { role[request.group] = nil }
        return begin(at: now)
    }

    /// Begins what has waited for long enough.
    package mutating func timeElapsed(at now: Instant) -> [Effect] { begin(at: now) }

    /// When to call `timeElapsed` if nothing else happens before.
    package var nextDeadline: Instant? { waiting.compactMap(\.due).min { $0.boottime < $1.boottime } }

    /// Whether something later of its group waits, so that trying it again would be for nothing.
    package func isOutdated(_ request: HookRequest) -> Bool {
        request.event.isOfGroup
            && waiting.contains { $0.request.event.isOfGroup && $0.request.group == request.group }
    }

    private mutating func hasten(_ request: HookRequest) {
        for index in waiting.indices where request.hastens(waiting[index].request) { waiting[index].due = nil }
    }

    private func isNeedless(_ request: HookRequest, _ superseded: [HookRequest]) -> Bool {
        guard superseded.contains(where: { $0.event != request.event }) else { return false }
        return request.event == .beforeSlave || role[request.group] == request.event
    }

    private mutating func begin(at now: Instant) -> [Effect] {
        for index in waiting.indices {
            if let due = waiting[index].due, Deadline.timer(due).hasPassed(at: now) { waiting[index].due = nil }
        }
        var effects: [Effect] = []
        var passed: [Waiting] = []
        for candidate in waiting {
            if mayBegin(candidate, behind: passed.map(\.request)) {
                start(candidate.request)
                effects.append(.begin(candidate.request))
            } else {
                passed.append(candidate)
            }
        }
        waiting = passed
        return effects
    }

    private func mayBegin(_ candidate: Waiting, behind passed: [HookRequest]) -> Bool {
        candidate.due == nil
            // What a VIP waits for is not held up by other groups' hooks; of a group there is one at most.
            && (running.count < limit || candidate.request.event.isAwaited)
            && !(running + passed).contains { $0.precedes(candidate.request) }
    }

    private mutating func start(_ request: HookRequest) {
        running.append(request)
        switch request.event {
        case .toMaster, .toSlave: role[request.group] = request.event
        // The site is between two roles: whichever comes is news.
        case .beforeMaster, .beforeSlave: role[request.group] = nil
        case .toReady, .toDestroy: break
        }
    }
}

extension HookRequest {
    /// Of the same group, or one of them is the node's.
    fileprivate func precedes(_ later: HookRequest) -> Bool {
        !event.isOfGroup || !later.event.isOfGroup || group == later.group
    }

    fileprivate func supersededBy(_ later: HookRequest) -> Bool {
        guard event.isOfGroup else { return event == later.event }
        guard group == later.group else { return false }
        switch later.event {
        case .toMaster: return event.isRole
        case .toSlave: return true
        case .beforeMaster, .beforeSlave: return event == later.event || event == .toMaster
        case .toReady, .toDestroy: return false
        }
    }

    /// Whether what waits for its time must not wait any longer.
    fileprivate func hastens(_ earlier: HookRequest) -> Bool {
        switch event {
        case .toDestroy: true
        case .beforeMaster, .beforeSlave: group == earlier.group
        case .toReady, .toMaster, .toSlave: false
        }
    }
}
