internal import Configuration

/// Decides which hook may begin when.
///
/// - One hook of a group at a time, in the order in which things happened.
/// - ToReady and ToDestroy are the node's: they wait for everything before them and hold up everything after them.
/// - A role change that was undone before its hook began is not delivered: of a group's waiting role changes only the
///   last stays, and not even that where it leads back to the role whose hook began last. Unless that hook failed, the
///   site then already is as it should be.
package struct HookQueue: Sendable {
    package enum Effect: Hashable, Sendable {
        case begin(HookRequest)
        case undone(HookRequest)
    }

    private var waiting: [HookRequest] = []
    private var running: [HookRequest] = []
    /// The role whose hook began last and has not failed, by group.
    private var role: [Int?: HookEvent] = [:]

    package init() {}

    package mutating func add(_ request: HookRequest) -> [Effect] {
        let superseded = waiting.filter { $0.supersededBy(request) }
        waiting.removeAll { $0.supersededBy(request) }
        var effects = superseded.map(Effect.undone)
        let isBack = superseded.contains { $0.event != request.event } && role[request.group] == request.event
        if isBack { effects.append(.undone(request)) } else { waiting.append(request) }
        return effects + begin()
    }

    package mutating func ended(_ request: HookRequest, succeeded: Bool) -> [Effect] {
        running.removeAll { $0.number == request.number }
        if !succeeded, role[request.group] == request.event { role[request.group] = nil }
        return begin()
    }

    /// Whether a later role change of its group waits, so that trying it again would be for nothing.
    package func isOutdated(_ request: HookRequest) -> Bool {
        request.event.isRole && waiting.contains { $0.event.isRole && $0.group == request.group }
    }

    private mutating func begin() -> [Effect] {
        var effects: [Effect] = []
        var passed: [HookRequest] = []
        for request in waiting {
            if (running + passed).contains(where: { $0.precedes(request) }) {
                passed.append(request)
            } else {
                running.append(request)
                if request.event.isRole { role[request.group] = request.event }
                effects.append(.begin(request))
            }
        }
        waiting = passed
        return effects
    }
}

extension HookRequest {
    /// Of the same group, or one of them is the node's.
    fileprivate func precedes(_ later: HookRequest) -> Bool {
        !event.isRole || !later.event.isRole || group == later.group
    }

    fileprivate func supersededBy(_ later: HookRequest) -> Bool {
        event.isRole ? later.event.isRole && group == later.group : event == later.event
    }
}
