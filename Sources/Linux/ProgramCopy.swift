internal import CLinux
internal import Glibc

/// A program in memory that nobody can change any more, whatever becomes of the file: memfd_create(2), sealed.
///
/// What was looked at is what runs. A script finds itself under `path`, not under the name of its file.
package final class ProgramCopy {
    let descriptor: FileDescriptor

    /// Its number in the program that runs from it.
    static let number: Int32 = 3
    package static let path = "/proc/self/fd/3"

    package init(of content: [UInt8]) throws(Errno) {
        descriptor = FileDescriptor(owning: try retrying { unsafe clinux_memory_file("hook") })
        try descriptor.writeAll(content)
        let file = descriptor.rawValue
        try retrying { clinux_seal_file(file) }
    }
}
