internal import CLinux
internal import Glibc

/// What a thread may do beyond its user's rights (capabilities(7)).
///
/// All calls act on the calling thread, which in our processes is the only one.
package enum Capabilities {
    package struct Set: OptionSet, Hashable, Sendable {
        package let rawValue: UInt64
        package init(rawValue: UInt64) { self.rawValue = rawValue }
        /// `CAP_SETPCAP`
        package static let setPCap = Set(rawValue: 1 << 8)
        /// `CAP_NET_ADMIN`
        package static let netAdmin = Set(rawValue: 1 << 12)
        /// `CAP_NET_RAW`
        package static let netRaw = Set(rawValue: 1 << 13)
    }

    /// The sets that capget(2) reads.
    package struct Held: Hashable, Sendable {
        package var effective: Set
        package var permitted: Set
        package var inheritable: Set
    }

    package static func held() throws(Errno) -> Held {
        var effective: UInt64 = 0
        var permitted: UInt64 = 0
        var inheritable: UInt64 = 0
        try retrying { unsafe clinux_capget(&effective, &permitted, &inheritable) }
        return Held(
            effective: Set(rawValue: effective),
            permitted: Set(rawValue: permitted),
            inheritable: Set(rawValue: inheritable)
        )
    }

    /// Whether all of `wanted` are effective now.
    package static func has(_ wanted: Set) -> Bool {
        (try? held())?.effective.isSuperset(of: wanted) ?? false
    }

    /// Clears the ambient, inheritable, permitted and effective sets, for this program and what it executes.
    package static func dropAll() throws(Errno) {
        try keepOnly([])
    }

    /// Keeps `kept` effective and permitted here, as far as they are held, and hands nothing on at exec.
    ///
    /// Under systemd's `AmbientCapabilities` the inheritable and ambient sets hold them too, and every child would get
    /// them: those two are always cleared.
    package static func keepOnly(_ kept: Set) throws(Errno) {
        try retrying { clinux_prctl(PR_CAP_AMBIENT, UInt(PR_CAP_AMBIENT_CLEAR_ALL), 0, 0, 0) }
        try forgetRoot()
        let left = try held().permitted.intersection(kept).rawValue
        try retrying { clinux_capset(left, left, 0) }
    }

    /// Keeps user id 0 from getting all capabilities back at its next exec.
    ///
    /// Takes CAP_SETPCAP, which root has unless a container withholds it; then only `setNoNewPrivileges()` helps.
    private static func forgetRoot() throws(Errno) {
        guard has(.setPCap) else { return }
        try retrying { clinux_prctl(PR_SET_SECUREBITS, clinux_secure_no_root(), 0, 0, 0) }
    }

    /// Makes exec of a setuid or setcap'd file grant nothing, here and in every child, for good.
    package static func setNoNewPrivileges() throws(Errno) {
        try retrying { clinux_prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) }
    }

    /// No core dump, no ptrace and no reading of `/proc/PID/mem` by other processes of the same user.
    package static func setNonDumpable() throws(Errno) {
        try retrying { clinux_prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) }
    }
}
