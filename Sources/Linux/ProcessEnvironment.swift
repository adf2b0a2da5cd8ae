internal import CLinux
internal import Glibc

/// What this process was started with.
package enum ProcessEnvironment {
    /// `getenv(3)`
    package static func value(_ name: String) -> String? {
        guard let value = unsafe getenv(name) else { return nil }
        return unsafe String(cString: value)
    }

    /// `getcwd(3)`; `/` where the folder is gone.
    package static var workingFolder: String {
        guard let path = unsafe getcwd(nil, 0) else { return "/" }
        defer { unsafe free(path) }
        return unsafe String(cString: path)
    }
}
