import Net

/// What only shows when several settings are seen together.
struct Rules {
    let draft: Draft
    let ledger: Ledger

    func check() {
        checkOwnNode()
        checkNodes()
        checkSize()
        checkSecret()
        checkVIPs()
        checkNumbers()
        checkGroups()
        checkTiming()
        checkRefresh()
        checkSockets()
    }

    private func checkSockets() {
        guard draft.control.socket == draft.control.statusSocket else { return }
        let setting = "control.status_socket"
        ledger.error(at: setting, "\(setting) is the same as control.socket; expected another path")
    }

    private func checkGroups() {
        var first: [String: String] = [:]
        for group in draft.groups {
            guard let name = group.name else { continue }
            let setting = "\(group.path).name"
            if let earlier = first.updateValue(setting, forKey: name) {
                ledger.error(at: setting, "\(setting) is \(name), as \(earlier) is; expected names that differ")
            }
        }
    }
}
