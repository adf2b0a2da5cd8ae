internal import CLinux
internal import Glibc

/// What this process was started with.
package enum ProcessEnvironment {
    /// `getenv(3)`
    package static func value(_ name: String) -> String? {
        guard let value = unsafe getenv(name) else { return nil }
        return unsafe String(cString: value)
    }

    /// The variables whose names begin so; `environ(7)`.
    package static func values(namedWith prefix: String) -> [String: String] {
        var values: [String: String] = [:]
        var next = unsafe clinux_environment()
        while let entry = unsafe next?.pointee {
            let text = unsafe String(cString: entry)
            if text.hasPrefix(prefix), let equals = text.firstIndex(of: "=") {
                values[String(text[..<equals])] = String(text[text.index(after: equals)...])
            }
            unsafe next = next?.advanced(by: 1)
        }
        return values
    }

    /// Takes a variable away from this process and all that it starts, also from what `/proc/PID/environ` shows of them.
    package static func take(_ name: String) -> String? {
        guard let value = unsafe getenv(name) else { return nil }
        let text = unsafe String(cString: value)
        let before = name.utf8.count + 1
        unsafe unsetenv(name)
        // It stands as NAME=value in one piece.
        unsafe memset(value - before, 0, before + text.utf8.count)
        return text
    }

    /// `getcwd(3)`; `/` where the folder is gone.
    package static var workingFolder: String {
        guard let path = unsafe getcwd(nil, 0) else { return "/" }
        defer { unsafe free(path) }
        return unsafe String(cString: path)
    }
}
