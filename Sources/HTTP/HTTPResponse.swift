internal import CMicroHTTPD

/// A whole answer; one may be sent to many clients, whose number then takes no memory.
@safe package final class HTTPResponse {
    package let status: Int
    /// Nil where there was no memory for it.
    let handle: OpaquePointer?

    package init(status: Int, headers: [(name: String, value: String)], body: [UInt8]) {
        self.status = status
        var bytes = body
        let handle = unsafe bytes.withUnsafeMutableBytes { buffer in
            unsafe MHD_create_response_from_buffer(buffer.count, buffer.baseAddress, .RESPMEM_MUST_COPY)
        }
        // Refused are only names and values with line ends in them, of which ours have none.
        for header in headers { unsafe MHD_add_response_header(handle, header.name, header.value) }
        unsafe self.handle = handle
    }

    deinit {
        // The daemon counts who still sends it.
        if let handle = unsafe handle { unsafe MHD_destroy_response(handle) }
    }
}
