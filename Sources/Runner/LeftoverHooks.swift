internal import Hooks
internal import Linux

/// Hooks that a runner killed itself has left running: two hooks of one node at a time would undo each other.
///
/// They are known by three signs together: our mark in the environment, the hook's program on the command line, and that
/// they lead their process group. A daemon that a hook started has the mark, too, but another command line. A script that ran
/// from a copy in memory has the copy's path on its command line.
struct LeftoverHooks {
    private let commands: Set<String>
    private let mark: String

    init(of plan: HookPlan) { (commands, mark) = (plan.commands.union([ProgramCopy.path]), plan.mark) }

    func kill() {
        for process in ProcessTable.all where isHook(process) { process.killGroup() }
    }

    private func isHook(_ process: ProcessTable.Entry) -> Bool {
        process.leadsGroup
            && !commands.isDisjoint(with: process.arguments.prefix(3))
            && process.environment.contains(mark)
    }
}
