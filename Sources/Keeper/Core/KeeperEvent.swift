import Linux
import Net

/// What can happen to the keeper.
enum KeeperEvent: Hashable, Sendable {
    /// The deadline that `nextDeadline` asked for has passed. Harmless at any other time.
    case timeElapsed
    case requested(KeeperRequest)
    /// End-of-file, hang-up or ECONNRESET. Final: no request is obeyed after it.
    case agentGone
    /// What the kernel said to the one command that is under way.
    case answered(KernelAnswer)
    /// An interface came, changed or was renamed.
    case interfaceChanged(Interface)
    case interfaceGone(InterfaceIndex)
    /// Put on, renewed or changed, by somebody else unless nobody knows.
    case addressSet(StandingAddress, by: Author)
    /// Taken off, expired or lost with its link, likewise.
    case addressRemoved(Placement, by: Author)
    /// Events were lost.
    case eventsLost
    /// Some machine, this one included, has said on that interface that it has the address.
    case claimed(AddressClaim, on: InterfaceIndex)
    /// What hears frames from this interface may not know any more where we are: a bond has changed its active member,
    /// a virtual machine has moved.
    case peersToBeNotified(InterfaceIndex)
    /// The agent wants another plan followed, which was prepared; with all interfaces that there are.
    case planChanged(KeeperPlan, [Interface], PlanNumber)
}

/// What the kernel is asked to do; there is never more than one command under way.
enum KernelCommand: Hashable, Sendable {
    /// Put on, or refresh the lifetime of what is on.
    case add([Placement])
    /// What is not there counts as removed.
    case remove([Placement])
    /// List all addresses and interfaces.
    case dump
    case fence(FenceCommand)
}

enum KernelAnswer: Hashable, Sendable {
    /// To `add` and `remove`: what did not work, and why.
    case performed(failures: [Placement: String])
    case dumped([StandingAddress], [Interface])
    case fenced(FenceAnswer)
    /// To any command: nothing is known.
    case failed(String)
}

/// What the shell must do about it, in this order. A `perform` is the last but for nothing: everything before it was
/// decided at the step's own time, so what waits behind the kernel would be stale.
enum KeeperEffect: Hashable, Sendable {
    case report(KeeperReport)
    /// Tell the neighbours of these addresses, once in every form.
    case announce([Placement])
    /// The command is answered by `KeeperEvent.answered`.
    case perform(KernelCommand)
    /// Every VIP is off and the agent cannot say so any more.
    case send(LastWill)
    /// `isClean`: a dump has shown every VIP absent.
    case exit(isClean: Bool)
}
