package import Net

/// What `vip-switch-exporter` takes from the agent's file; the agent itself has no use for it.
package struct ExporterSettings: Hashable, Sendable {
    package var listen: Endpoint

    package static let standard = ExporterSettings(listen: Endpoint(address: .v4(0x7f00_0001), port: 9746))
}

extension Reader {
    func exporter(_ field: Field, _ draft: inout Draft) {
        guard var section = field.section("listen") else { return }
        draft.exporter.listen = section.field("listen").read(.listener, default: draft.exporter.listen)
        section.finish()
    }
}

extension Form where Value == Endpoint {
    fileprivate static var listener: Form {
        let words = "a literal address and its port like \(ExporterSettings.standard.listen)"
        return Form(words, meant: { meantListener($0)?.description }) { Endpoint($0) }
    }

    /// What others write: `localhost`, `*:9746`, `:9746`, an address alone.
    private static func meantListener(_ text: String) -> Endpoint? {
        let names = ["localhost": "127.0.0.1", "*": "0.0.0.0", "": "0.0.0.0"]
        if let address = IPAddress(names[text] ?? text) {
            return Endpoint(address: address, port: ExporterSettings.standard.listen.port)
        }
        let colon = text.lastIndex(of: ":") ?? text.endIndex
        return names[String(text[..<colon])].flatMap { Endpoint($0 + text[colon...]) }
    }
}
