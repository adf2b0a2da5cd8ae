internal import Configuration
internal import Linux

extension Preflight {
    static func inspectDataDirectory(_ configuration: Configuration, _ origins: Origins) -> [Diagnostic] {
        let path = configuration.node.dataDirectory
        return refusal(ofFolder: path).map {
            [Diagnostic(.error, at: origins["node.data_dir"], "node.data_dir: \($0)")]
        } ?? []
    }

    static func inspectLog(_ configuration: Configuration, _ origins: Origins) -> [Diagnostic] {
        guard let path = configuration.logging.output else { return [] }
        let place = (try? FileStatus(of: path)) == nil ? Folder.parent(of: path) : path
        if RegularFile.mayWrite(place) { return [] }
        let text = "logging.output: \(User.effective.name) may not write \(place); expected a path that it may write"
        return [Diagnostic(.error, at: origins["logging.output"], text)]
    }

    /// Nil for a folder that this user may write and others may not, or that can be made.
    private static func refusal(ofFolder path: String) -> String? {
        let user = User.effective.name
        do {
            let status = try FileStatus(of: path)
            if status.kind != .directory { return "\(path) is no folder; expected one, or a path that is free" }
            if status.isWritableByOthers { return "others may write \(path); type: chmod o-w \(path)" }
            if RegularFile.mayWrite(path) { return nil }
            guard status.owner != User.effective.id else {
                return "\(path) belongs to \(user) and cannot be written all the same; is its file system read-only?"
            }
            let owner = User(id: status.owner).name
            let change = User.effective.isRoot ? "" : ", or type: chown \(user) \(path)"
            return "\(path) belongs to \(owner), and \(user) may not write it; run as \(owner)\(change)"
        } catch .noEntry {
            return RegularFile.mayWrite(Folder.parent(of: path))
                ? nil
                : "\(path) does not exist, and \(user) may not make it; type: install -d -m 0700 -o \(user) \(path)"
        } catch {
            return "cannot look at \(path): \(error); expected a folder that \(user) may write"
        }
    }
}

extension Origins {
    /// Where an interface is first named.
    func place(ofInterface name: String, _ configuration: Configuration) -> Origin {
        for (group, settings) in configuration.groups.enumerated() {
            guard let vip = settings.vips.firstIndex(where: { $0.interface == name }) else { continue }
            let candidates = ["groups[\(group)].vips[\(vip)].interface", "groups[\(group)].interface"]
            let setting =
                candidates.first(where: names) ?? (names("INTERFACE") ? "INTERFACE" : "vips[\(vip)].interface")
            return self[setting]
        }
        return self["vips"]
    }
}
