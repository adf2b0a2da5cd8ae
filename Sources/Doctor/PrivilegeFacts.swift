/// What the program may do, and what keeps it from more.
package struct PrivilegeFacts: Hashable, Sendable {
    /// The two that are needed; the raw value is the kernel's name.
    package enum Capability: String, Hashable, Sendable, CaseIterable {
        case netAdmin = "CAP_NET_ADMIN"
        case netRaw = "CAP_NET_RAW"
    }

    package var user: String
    package var isRoot = false
    package var program: String
    /// What this process was started with.
    package var effective: Set<Capability> = []
    /// What the process may have at most.
    package var bounding: Set<Capability> = Set(Capability.allCases)
    /// What exec of the file grants, by its attribute `security.capability`.
    package var ofFile: Set<Capability> = []
    /// `no_new_privs`: exec grants nothing.
    package var isBarred = false
    /// The program lies on a file system that is mounted `nosuid`, where a file's capabilities count for nothing.
    package var isNoSuid = false
    /// Who owns `data_dir`, where that is somebody else: probably the agent's user.
    package var otherOwner: String?

    package init(user: String, program: String) {
        self.user = user
        self.program = program
    }
}

extension PrivilegeFacts {
    func findings(agentRuns: Bool) -> [Finding] {
        capabilityFindings(agentRuns) + userFindings
    }

    private func capabilityFindings(_ agentRuns: Bool) -> [Finding] {
        let missing = Capability.allCases.filter { !effective.contains($0) }
        let names = missing.map(\.rawValue).joined(separator: " and ")
        guard !missing.isEmpty else {
            let origin = isRoot ? "root has them; an ordinary user with the two is enough" : "as \(user)"
            return [.ok(.capabilities, nil, "CAP_NET_ADMIN and CAP_NET_RAW are effective: \(origin)")]
        }
        let (cause, advice) = obstacle(Set(missing))
        let why = "\(names) \(missing.count == 1 ? "is" : "are") not effective for \(user)\(cause)"
        // A unit grants what a command typed by hand has not.
        return agentRuns
            ? [.warning(.capabilities, nil, why + "; the agent runs all the same", do: advice)]
            : [.error(.capabilities, nil, why, do: advice)]
    }

    /// What stands in the way, the innermost first: as long as it does, the others are of no use.
    private func obstacle(_ missing: Set<Capability>) -> (cause: String, advice: String) {
        let unit = "AmbientCapabilities=CAP_NET_ADMIN CAP_NET_RAW"
        guard bounding.isSuperset(of: missing) else {
            return (
                ": the bounding set withholds them",
                "grant them from outside: CapabilityBoundingSet= of the unit, or --cap-add NET_ADMIN --cap-add NET_RAW"
            )
        }
        guard ofFile.isSuperset(of: missing) else {
            return (
                ", and \(program) grants none",
                "where the unit of the agent has \(unit), run this as root; a file that only root and a group may execute "
                    + "(mode 0750) may have them: setcap cap_net_admin,cap_net_raw+ep \(program)"
            )
        }
        if isBarred { return (": no_new_privs is set, which voids those of \(program)", "use \(unit) in the unit") }
        if isNoSuid {
            return (
                ": \(program) has them on a file system mounted nosuid",
                "move it to another file system, or use \(unit) in the unit"
            )
        }
        return (", though \(program) grants them", "start it directly, not under strace, a debugger or the like")
    }

    private var userFindings: [Finding] {
        guard isRoot, let otherOwner else { return [] }
        return [
            .warning(
                .user,
                user,
                "this looks with the eyes of root, and data_dir belongs to \(otherOwner), who may not read what root can",
                do: "type: runuser -u \(otherOwner) -- \(program) doctor …"
            )
        ]
    }
}
