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
        let meant = { (text: String) in
            let host = text == "localhost" ? "127.0.0.1" : text.hasPrefix(":") || text == "*" ? "0.0.0.0" : text
            return IPAddress(host).map {
                Endpoint(address: $0, port: ExporterSettings.standard.listen.port).description
            }
        }
        return Form("a literal address and its port like \(ExporterSettings.standard.listen)", meant: meant) {
            Endpoint($0)
        }
    }
}
