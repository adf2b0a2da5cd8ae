internal import Glibc

/// Where a command writes what people or scripts read.
package enum StandardStream: Int32, Sendable {
    case output = 1
    case error = 2

    /// Writes all of it, unbuffered.
    package func write(_ text: String) throws(Errno) {
        let number = rawValue
        var rest = Array(text.utf8)[...]
        while !rest.isEmpty {
            let bytes = Array(rest)
            rest = rest.dropFirst(try retrying { unsafe Glibc.write(number, bytes, bytes.count) })
        }
    }
}
