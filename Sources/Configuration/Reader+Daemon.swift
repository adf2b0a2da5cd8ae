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
        let path = socket.read(.socketPath, default: ControlSettings.standard.socket)
        let beside = path[...(path.lastIndex(of: "/") ?? path.startIndex)] + "status.sock"
        let status = section.field("status_socket")
        if !status.isGiven, Form.socketPath.parse(String(beside)) == nil {
            ledger.error(
                at: socket.path,
                "\(status.path) would be \(quoted(beside)); expected \(Form.socketPath.words)"
            )
        }
        draft.control = ControlSettings(
            socket: path,
            statusSocket: status.read(.socketPath, default: String(beside))
        )
        section.finish()
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
