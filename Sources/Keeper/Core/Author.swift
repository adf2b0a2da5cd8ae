import Linux

/// Who changed an address, as far as the kernel tells.
enum Author: Hashable, Sendable {
    /// Its lifetime was over, or its interface went.
    case kernel
    /// Of IPv6 addresses nobody is told: it may have been this keeper.
    case unknown
    /// The process is a guess: most programs have their process id for their first port.
    case stranger(PortID, process: String?)
}

extension Author: CustomStringConvertible {
    var description: String {
        switch self {
        case .kernel: "the kernel"
        case .unknown: "somebody"
        case .stranger(let port, nil): "port \(port.rawValue)"
        case .stranger(let port, let process?): "port \(port.rawValue) (\(process))"
        }
    }
}
