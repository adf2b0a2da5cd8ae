import Net

extension Reader {
    func node(_ field: Field, _ draft: inout Draft) {
        guard var section = field.section("id, raft_addr and data_dir") else { return }
        draft.id = section.field("id").require(.name)
        draft.raftAddress = section.field("raft_addr").require(.endpoint(resolving: ledger.resolve))
        draft.dataDirectory = section.field("data_dir").require(.absoluteFolder)
        draft.priority = section.field("priority").read(.number(0...65535), default: 100)
        draft.isWitness = section.field("witness").read(.truth, default: false)
        section.finish()
    }

    func cluster(_ field: Field, _ draft: inout Draft) {
        guard var section = field.section("nodes and secret_file") else { return }
        draft.nodes = nodes(section.field("nodes"))
        let secret = section.field("secret_file")
        draft.isSecretGiven = secret.isGiven
        draft.secretFile = secret.read(.absolutePath)
        draft.isInsecure = section.field("insecure").read(.truth, default: false)
        draft.isSingle = section.field("single").read(.truth, default: false)
        timing(section.field("timing"), &draft)
        draft.exclusivity = section.field("exclusivity").read(.oneOf(Exclusivity.self), default: .prompt)
        section.finish()
    }

    private func nodes(_ field: Field) -> [Draft.Node]? {
        let words = "a list of {id: …, addr: …}, one for each node and this one among them"
        guard field.isGiven else {
            ledger.error(at: field.path, "\(field.path) is missing; expected \(words)")
            return nil
        }
        guard let items = field.list(words) else { return nil }
        if items.isEmpty { ledger.error(at: field.path, "\(field.path) is an empty list; expected \(words)") }
        return items.map { item in
            guard var section = item.section("{id: …, addr: …}") else {
                return Draft.Node(path: item.path, id: nil, address: nil)
            }
            let node = Draft.Node(
                path: item.path,
                id: section.field("id").require(.name),
                address: section.field("addr").require(.endpoint(resolving: ledger.resolve))
            )
            section.finish()
            return node
        }
    }

    private func timing(_ field: Field, _ draft: inout Draft) {
        guard field.isMapping else {
            let profile = field.read(.timingProfile, replacing: true) ?? .lan
            (draft.heartbeat, draft.promise) = (profile.timing.heartbeat, profile.timing.promise)
            draft.heartbeats = profile == .turbo ? 2 : 3
            return
        }
        guard var section = field.section("heartbeat and promise", replacing: true) else { return }
        draft.heartbeat = section.field("heartbeat").require(.duration(.milliseconds(1) ... .seconds(10)))
        draft.promise = section.field("promise").require(.duration(.milliseconds(10) ... .longestPromise))
        section.finish()
    }
}

extension Form where Value == TimingProfile {
    fileprivate static var timingProfile: Form {
        let names = Form.oneOf(TimingProfile.self)
        let words = either(TimingProfile.allCases.map(\.rawValue) + ["{heartbeat: 50ms, promise: 250ms}"])
        return Form(words, meant: names.meant, parse: names.parse)
    }
}

extension Duration {
    /// No node believes a longer promise (`RaftNode.promiseLimit`): with one there would never be a leader.
    fileprivate static let longestPromise = Duration.seconds(60)
}
