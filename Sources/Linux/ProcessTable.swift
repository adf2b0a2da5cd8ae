internal import CLinux
internal import Glibc

/// The processes of this machine, by proc(5).
package enum ProcessTable {
    package struct Entry: Hashable, Sendable {
        package let pid: Int32

        package init(pid: Int32) { self.pid = pid }

        /// Whether its group has its number: `getpgid(2)`.
        package var leadsGroup: Bool { getpgid(pid) == pid }

        /// As `ps -o comm` shows it; nil where the process is gone.
        package var name: String? {
            guard let bytes = try? ProcessTable.read("/proc/\(pid)/comm") else { return nil }
            return String(decoding: bytes.prefix { $0 != UInt8(ascii: "\n") }, as: UTF8.self)
        }

        /// Empty where the process is gone or another user's.
        package var arguments: [String] { strings(in: "cmdline") }

        /// As it was at exec; empty where the process is gone or another user's.
        package var environment: [String] { strings(in: "environ") }

        /// SIGKILL to every process of the group that it leads.
        package func killGroup() { kill(-pid, SIGKILL) }

        private func strings(in file: String) -> [String] {
            guard let bytes = try? ProcessTable.read("/proc/\(pid)/\(file)") else { return [] }
            return bytes.split(separator: 0).map { String(decoding: $0, as: UTF8.self) }
        }
    }

    package static var all: [Entry] {
        guard let folder = unsafe opendir("/proc") else { return [] }
        defer { unsafe closedir(folder) }
        var entries: [Entry] = []
        while let entry = unsafe readdir(folder) {
            let name = unsafe withUnsafePointer(to: &entry.pointee.d_name) { name in
                unsafe name.withMemoryRebound(to: CChar.self, capacity: 256) { unsafe String(cString: $0) }
            }
            if let pid = Int32(name) { entries.append(Entry(pid: pid)) }
        }
        return entries
    }

    /// Files of proc(5) tell no size: read until there is no more.
    private static func read(_ path: String) throws(Errno) -> [UInt8] {
        let flags = O_RDONLY | O_CLOEXEC
        let file = FileDescriptor(owning: try retrying { unsafe clinux_open(path, flags, 0) })
        var bytes: [UInt8] = []
        while bytes.count < 1 << 20 {
            let more = try file.read(upTo: 65_536)
            if more.isEmpty { break }
            bytes += more
        }
        return bytes
    }
}
