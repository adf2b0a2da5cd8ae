package import Doctor
internal import Linux

extension PrivilegeFacts {
    /// Of this process as it was started: to be called before it gives anything up.
    package static func ofThisProcess() -> PrivilegeFacts {
        let program = (try? FileStatus.target(ofLink: "/proc/self/exe")) ?? "vip-switch"
        var facts = PrivilegeFacts(user: User.effective.name, program: program)
        facts.isRoot = User.effective.isRoot
        facts.effective = named { Capabilities.has($0) }
        facts.bounding = named { Capabilities.mayHave($0) }
        let ofFile = Capabilities.granted(byFile: program)
        facts.ofFile = named { ofFile.isSuperset(of: $0) }
        facts.isBarred = Capabilities.isBarred
        facts.isNoSuid = (try? FileSystem(of: program))?.isNoSuid ?? false
        return facts
    }

    private static func named(_ isIncluded: (Capabilities.Set) -> Bool) -> Set<Capability> {
        var found: Set<Capability> = []
        if isIncluded(.netAdmin) { found.insert(.netAdmin) }
        if isIncluded(.netRaw) { found.insert(.netRaw) }
        return found
    }
}
