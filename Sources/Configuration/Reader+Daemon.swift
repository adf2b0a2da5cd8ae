extension Reader {
    func logging(_ field: Field, _ draft: inout Draft) {
        guard var section = field.section("level, format and output") else { return }
        draft.logging.level = section.field("level").read(.oneOf(LoggingSettings.Level.self), default: .info)
        draft.logging.format = section.field("format").read(.oneOf(LoggingSettings.Format.self), default: .json)
        draft.logging.output = section.field("output").read(.logOutput, default: nil)
        section.finish()
    }

    func control(_ field: Field, _ draft: inout Draft) {
        guard var section = field.section("socket and status_socket") else { return }
        let socket = section.field("socket")
        let status = section.field("status_socket")
        // Each lies beside the other, where only one is given.
        let standard = ControlSettings.standard
        let given = status.isGiven ? status.read(.socketPath, default: standard.statusSocket) : nil
        let path = socket.read(.socketPath, default: given.map { beside($0, "control.sock") } ?? standard.socket)
        draft.control = ControlSettings(socket: path, statusSocket: given ?? beside(path, "status.sock"))
        let (other, otherPath) = given == nil ? (status, draft.control.statusSocket) : (socket, path)
        if !other.isGiven, Form.socketPath.parse(otherPath) == nil {
            ledger.error(
                at: given == nil ? socket.path : status.path,
                "\(other.path) would be \(quoted(otherPath)); expected \(Form.socketPath.words)"
            )
        }
        section.finish()
    }

    private func beside(_ path: String, _ name: String) -> String {
        path[...(path.lastIndex(of: "/") ?? path.startIndex)] + name
    }
}

extension Form where Value == String? {
    fileprivate static var logOutput: Form {
        Form("stderr or \(Form<String>.absolutePath.words)", meant: { suggestion(for: $0, among: ["stderr"]) }) {
            text in
            text == "stderr" ? .some(nil) : Form<String>.absolutePath.parse(text).map(Optional.some)
        }
    }
}

extension Form where Value == Int {
    /// Whole seconds; 0 leaves the addresses permanent.
    static var kernelLifetime: Form {
        let seconds = Form<Duration>.duration(.zero ... .seconds(600))
        let hint = { (text: String) in seconds.parse(text + "s") == nil ? nil : text + "s" }
        return Form("0 or whole seconds from 1s to 10m", meant: hint) { text in
            guard let duration = seconds.parse(text), duration == .seconds(duration.components.seconds) else {
                return nil
            }
            return Int(duration.components.seconds)
        }
    }
}
