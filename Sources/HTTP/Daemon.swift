internal import CMicroHTTPD
internal import Linux

/// libmicrohttpd in somebody else's loop: `epoll` is ready whenever `run()` has something to do. What happens it tells the
/// server, from within `run()`.
@safe final class Daemon {
    private let pointer: OpaquePointer

    /// Takes over the listener; nil where the library cannot start, for want of memory or descriptors.
    init?(_ listener: consuming TCPListener, limits: HTTPServer.Limits, telling server: HTTPServer) {
        var settings = unsafe cmicrohttpd_settings(
            listener: listener.release(),
            connections: limits.clients + limits.leaving,
            // The server's own patience is stricter: here every byte would count as progress.
            seconds: 0,
            memory: limits.bytesPerClient,
            answer: onRequest,
            completed: onCompleted,
            connected: onConnection,
            owner: Unmanaged.passUnretained(server).toOpaque()
        )
        guard let pointer = unsafe cmicrohttpd_start(&settings) else { return nil }
        unsafe self.pointer = pointer
    }

    /// Closes all that is open; nothing may be suspended any more.
    deinit { unsafe MHD_stop_daemon(pointer) }

    /// The daemon's own, which stays its own.
    var epoll: Int32 { unsafe cmicrohttpd_epoll(pointer) }

    func run() { unsafe MHD_run(pointer) }

    /// When to run again though `epoll` is not ready; nil where that is not needed.
    var wait: Duration? {
        var milliseconds: UInt64 = 0
        guard unsafe MHD_get_timeout(pointer, &milliseconds) == .YES else { return nil }
        return .milliseconds(Int64(clamping: min(milliseconds, 60_000)))
    }

    /// Lets nobody in any more.
    func closeListener() {
        let listener = unsafe MHD_quiesce_daemon(pointer)
        if listener >= 0 { _ = FileDescriptor(owning: listener) }
    }
}

// MARK: - What the library calls

@safe private struct Owner {
    let server: HTTPServer

    /// The server outlives its daemon.
    init?(_ pointer: UnsafeMutableRawPointer?) {
        guard let pointer = unsafe pointer else { return nil }
        server = unsafe Unmanaged<HTTPServer>.fromOpaque(pointer).takeUnretainedValue()
    }
}

/// Called when the headers are there, for each piece of a body, and when the request is whole.
private let onRequest: MHD_AccessHandlerCallback = { owner, connection, path, method, _, _, bodySize, context in
    guard let server = unsafe Owner(owner)?.server, let connection = unsafe connection, let context = unsafe context
    else {
        return .NO
    }
    guard let known = unsafe context.pointee else {
        let connection = unsafe Connection(connection)
        let request = unsafe HTTPRequest(method: text(method), path: text(path), query: connection.parameters)
        unsafe context.pointee = Unmanaged.passRetained(server.heard(request, on: connection)).toOpaque()
        return .YES
    }
    // Nobody here wants a body: it is read and forgotten, as long as patience lasts.
    if let bodySize = unsafe bodySize, unsafe bodySize.pointee > 0 {
        unsafe bodySize.pointee = 0
        return .YES
    }
    return server.proceed(unsafe Unmanaged<HTTPExchange>.fromOpaque(known).takeUnretainedValue()) ? .YES : .NO
}

private let onCompleted: MHD_RequestCompletedCallback = { owner, _, context, _ in
    guard let context = unsafe context, let known = unsafe context.pointee else { return }
    let exchange = unsafe Unmanaged<HTTPExchange>.fromOpaque(known).takeRetainedValue()
    unsafe context.pointee = nil
    unsafe Owner(owner)?.server.ended(exchange)
}

private let onConnection: MHD_NotifyConnectionCallback = { owner, connection, _, what in
    guard let server = unsafe Owner(owner)?.server, let connection = unsafe connection else { return }
    let client = unsafe Connection(connection)
    if what == .CONNECTION_NOTIFY_STARTED { server.connected(client) } else { server.disconnected(client) }
}
