/// A refusal of the kernel, in words for the operator: what was tried, with what, why not, and what would help.
package struct NetlinkError: Error, Hashable, Sendable {
    /// What was tried: `add`, `remove`, `list`.
    package let act: String
    /// What with: `192.0.2.10/32 to eth0`.
    package let object: String
    package let errno: Errno
    /// The kernel's extended acknowledgement (`NLMSGERR_ATTR_MSG`), if it gave one.
    package let kernelText: String?

    package init(_ act: String, _ object: String, _ errno: Errno, kernelText: String? = nil) {
        self.act = act
        self.object = object
        self.errno = errno
        self.kernelText = kernelText
    }
}

extension NetlinkError: CustomStringConvertible {
    package var description: String {
        let cause = kernelText.map { "\(errno) (\($0))" } ?? "\(errno)"
        return "cannot \(act) \(object): \(cause)" + (nextStep.map { "; \($0)" } ?? "")
    }

    private var nextStep: String? {
        switch errno {
        case .notPermitted: "the keeper needs CAP_NET_ADMIN"
        case .noBufferSpace: "the kernel's answer was lost, a new list of the addresses tells"
        case .interrupted: "it changed each time while it was read"
        default: nil
        }
    }
}
