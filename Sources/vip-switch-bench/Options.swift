import Net

/// The `--name value` pairs behind a command.
struct Options {
    private var values: [String: String] = [:]

    init(_ words: [String]) throws(Complaint) {
        var rest = words[...]
        while let name = rest.popFirst() {
            guard name.hasPrefix("--"), let value = rest.popFirst() else {
                throw Complaint("\(name) is not --NAME VALUE")
            }
            values[String(name.dropFirst(2))] = value
        }
    }

    subscript(name: String) -> String? { values[name] }

    func required(_ name: String) throws(Complaint) -> String {
        guard let value = values[name] else { throw Complaint("--\(name) is missing") }
        return value
    }

    func address() throws(Complaint) -> IPAddress {
        let text = try required("address")
        guard let address = IPAddress(text) else { throw Complaint("--address \(text) is not an address") }
        return address
    }

    func endpoint() throws(Complaint) -> Endpoint {
        let text = try required("port")
        guard let port = UInt16(text) else { throw Complaint("--port \(text) is not a port") }
        return Endpoint(address: try address(), port: port)
    }
}
