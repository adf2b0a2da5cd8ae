internal import CMicroHTTPD

/// A client's connection, as the daemon knows it; good until the daemon says that it is over.
@safe struct Connection: Hashable {
    private let pointer: OpaquePointer

    init(_ pointer: OpaquePointer) { unsafe self.pointer = pointer }

    static func == (one: Connection, other: Connection) -> Bool { unsafe one.pointer == other.pointer }

    func hash(into hasher: inout Hasher) { hasher.combine(unsafe UInt(bitPattern: pointer)) }

    /// Holds it back until `resume()`; only while the daemon asks what to do with it.
    func suspend() { unsafe MHD_suspend_connection(pointer) }

    /// To be followed by a run of the daemon.
    func resume() { unsafe MHD_resume_connection(pointer) }

    /// Takes away what the client may still send or read; the daemon then sees its end and closes it.
    func hangUp() { unsafe cmicrohttpd_hang_up(pointer) }

    /// Whether the daemon takes the answer.
    func queue(_ response: HTTPResponse) -> Bool {
        guard let handle = unsafe response.handle else { return false }
        return unsafe MHD_queue_response(pointer, UInt32(response.status), handle) == .YES
    }

    /// Of the query, decoded.
    var parameters: [HTTPRequest.Parameter] {
        let list = ParameterList()
        unsafe MHD_get_connection_values(
            pointer,
            .GET_ARGUMENT_KIND,
            collect,
            Unmanaged.passUnretained(list).toOpaque()
        )
        return list.parameters
    }
}

private final class ParameterList {
    var parameters: [HTTPRequest.Parameter] = []
}

private let collect: MHD_KeyValueIterator = { list, _, name, value in
    guard let list = unsafe list else { return .NO }
    unsafe Unmanaged<ParameterList>.fromOpaque(list).takeUnretainedValue().parameters
        .append(HTTPRequest.Parameter(text(name), text(value)))
    return .YES
}

/// Empty where there is none; what is no UTF-8 is replaced.
func text(_ pointer: UnsafePointer<CChar>?) -> String {
    guard let pointer = unsafe pointer else { return "" }
    return unsafe String(cString: pointer)
}
