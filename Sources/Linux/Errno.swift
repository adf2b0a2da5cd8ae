internal import CLinux
internal import Glibc

/// A system call's error number.
package struct Errno: Error, Hashable, Sendable {
    package let rawValue: Int32

    package init(_ rawValue: Int32) { self.rawValue = rawValue }

    /// What the last call in this thread failed with.
    static var last: Errno { Errno(clinux_errno()) }

    package static let notPermitted = Errno(EPERM)
    package static let noEntry = Errno(ENOENT)
    package static let interrupted = Errno(EINTR)
    package static let ioError = Errno(EIO)
    package static let wouldBlock = Errno(EAGAIN)
    package static let accessDenied = Errno(EACCES)
    package static let exists = Errno(EEXIST)
    package static let noDevice = Errno(ENODEV)
    package static let notADirectory = Errno(ENOTDIR)
    package static let invalidArgument = Errno(EINVAL)
    package static let fileTooBig = Errno(EFBIG)
    package static let noSpace = Errno(ENOSPC)
    package static let readOnlyFileSystem = Errno(EROFS)
    package static let brokenPipe = Errno(EPIPE)
    package static let noBufferSpace = Errno(ENOBUFS)
    package static let addressInUse = Errno(EADDRINUSE)
    package static let addressNotAvailable = Errno(EADDRNOTAVAIL)
    package static let connectionReset = Errno(ECONNRESET)
    package static let connectionRefused = Errno(ECONNREFUSED)
    package static let messageTooLong = Errno(EMSGSIZE)
    package static let noExecFormat = Errno(ENOEXEC)
    package static let noProcess = Errno(ESRCH)
    package static let noChild = Errno(ECHILD)
    package static let networkDown = Errno(ENETDOWN)
    package static let timedOut = Errno(ETIMEDOUT)
    /// What a transaction was made for has changed meanwhile (nf_tables).
    package static let outdated = Errno(ERESTART)
    package static let notSupported = Errno(EOPNOTSUPP)
    package static let familyNotSupported = Errno(EAFNOSUPPORT)
    package static let protocolNotSupported = Errno(EPROTONOSUPPORT)
}

extension Errno: CustomStringConvertible {
    /// The kernel's own words: `Operation not permitted`.
    package var description: String { unsafe String(cString: strerror(rawValue)) }
}

/// Runs a system call that reports failure as -1; a call that a signal interrupted is made again.
@discardableResult
func retrying<Result: BinaryInteger>(_ call: () -> Result) throws(Errno) -> Result {
    while true {
        let result = call()
        if result != -1 { return result }
        let error = Errno.last
        if error != .interrupted { throw error }
    }
}
