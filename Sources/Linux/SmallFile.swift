internal import CLinux
internal import Glibc

/// Files of proc(5), sysfs(5) and the like: read whole, a line or a few.
package enum SmallFile {
    /// Nil where it cannot be read, or is no text.
    package static func text(_ path: String, limit: Int = 65_536) -> String? {
        let flags = O_RDONLY | O_CLOEXEC | O_NONBLOCK
        guard let number = try? retrying({ unsafe clinux_open(path, flags, 0) }) else { return nil }
        let file = FileDescriptor(owning: number)
        var bytes: [UInt8] = []
        while bytes.count < limit {
            guard let more = try? file.read(upTo: min(65_536, limit - bytes.count)) else { return nil }
            if more.isEmpty { break }
            bytes += more
        }
        return String(decoding: bytes, as: UTF8.self)
    }

    /// Its first line; nil where it cannot be read or is empty.
    package static func line(_ path: String) -> String? {
        text(path)?.split(separator: "\n").first.map { trimmed($0) }
    }

    package static func integer(_ path: String) -> Int? { line(path).flatMap { Int($0) } }

    package static func exists(_ path: String) -> Bool { (try? FileStatus(of: path)) != nil }

    /// The names in a folder, sorted; none where it cannot be read.
    package static func names(in path: String) -> [String] {
        guard let folder = unsafe opendir(path) else { return [] }
        defer { unsafe closedir(folder) }
        var names: [String] = []
        while let entry = unsafe readdir(folder) {
            let name = unsafe withUnsafePointer(to: &entry.pointee.d_name) { name in
                unsafe name.withMemoryRebound(to: CChar.self, capacity: 256) { unsafe String(cString: $0) }
            }
            if name != ".", name != ".." { names.append(name) }
        }
        return names.sorted()
    }

    private static func trimmed(_ text: Substring) -> String {
        String(text.drop { $0.isWhitespace }.reversed().drop { $0.isWhitespace }.reversed())
    }
}
