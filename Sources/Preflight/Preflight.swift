package import Configuration
package import Elections
internal import Linux

/// What can be told before anything starts: what the configuration says, and whether this machine bears it out.
///
/// `vip-switch check` prints all of it; the agent starts only without errors.
package enum Preflight {
    /// Reads the file, the `vip.conf` beside it and the environment.
    package static func load(_ options: AgentOptions) -> Reading {
        let path = options.configurationPath
        let file: RegularFile
        do {
            file = try RegularFile.read(path, limit: Configuration.largestFile)
        } catch {
            let wanted =
                error == .accessDenied
                ? "one that \(User.effective.name) may read: root's, with a group of \(User.effective.name) and mode 0640"
                : "a configuration; see the examples"
            return Reading(failure: unreadable(path, error, wanted))
        }
        let beside = Folder.parent(of: path) + "/vip.conf"
        var input = ConfigurationInput(file: TextFile(path: path, bytes: file.bytes), options: options)
        input.environment = environment
        input.resolve = boundedResolver()
        do {
            let conf = try RegularFile.read(beside, limit: Configuration.largestFile)
            input.vipConf = TextFile(path: beside, bytes: conf.bytes)
        } catch {
            let reading = Configuration.read(input)
            let isNeeded = reading.configuration?.groups.isEmpty == true && error != .noEntry
            return isNeeded
                ? Reading(failure: unreadable(beside, error, "a vip.conf, or vips: in \(path)")) : reading
        }
        return Configuration.read(input)
    }

    /// What of the environment may name settings.
    package static var environment: [String: String] { ProcessEnvironment.values(namedWith: ScalarSetting.prefix) }

    /// Looks at the files, folders and interfaces that the configuration names.
    package static func inspect(_ configuration: Configuration, _ origins: Origins) -> [Diagnostic] {
        examine(configuration, origins).diagnostics
    }

    /// The same with the keys, which are those that were looked at: read a second time, the file may be another.
    package static func examine(
        _ configuration: Configuration,
        _ origins: Origins
    ) -> (secrets: [ClusterSecret], diagnostics: [Diagnostic]) {
        let (secrets, complaints) = secrets(configuration, origins)
        let diagnostics =
            complaints + inspectDataDirectory(configuration, origins)
            + inspectLog(configuration, origins)
            + inspectInterfaces(configuration, origins)
            + inspectHooks(configuration, origins)
        return (secrets, diagnostics)
    }

    /// Reads the secret file; without secrets where that fails, and with the one that everybody knows where the
    /// configuration wants none.
    package static func secrets(
        _ configuration: Configuration,
        _ origins: Origins
    ) -> (secrets: [ClusterSecret], diagnostics: [Diagnostic]) {
        guard let path = configuration.cluster.secretFile else { return ([.insecure], []) }
        let origin = origins["cluster.secret_file"]
        do {
            let secrets = try SecretFile.read(path, for: .effective)
            return (secrets, SecretFile.warnings(secrets, path).map { Diagnostic(.warning, at: origin, $0) })
        } catch {
            return ([], [Diagnostic(.error, at: origin, error.description)])
        }
    }

    private static func unreadable(_ path: String, _ error: Errno, _ words: String) -> Diagnostic {
        Diagnostic(.error, at: .wholeFile(path), "cannot read it: \(error); expected \(words)")
    }

    /// Each answer may take seconds, and a file may be full of names.
    private static func boundedResolver() -> (String) -> String? {
        var left = 8
        return { name in
            left -= 1
            return left < 0 ? nil : Resolver.address(of: name)
        }
    }
}

extension Preflight {
    private static func inspectInterfaces(_ configuration: Configuration, _ origins: Origins) -> [Diagnostic] {
        let names = Set(configuration.groups.flatMap(\.vips).map(\.interface))
        let missing = names.sorted().filter { InterfaceIndex(named: $0) == nil }
        let present = missing.isEmpty ? [] : (try? Netlink().links().map(\.name)) ?? []
        // Not an error: a bond or a VLAN may come later than the agent, which waits for it.
        return missing.map { name in
            Diagnostic(
                .warning,
                at: origins.place(ofInterface: name, configuration),
                "this machine has no interface \(name), and holds no VIP until it comes; "
                    + "expected one of \(present.joined(separator: ", "))"
            )
        }
    }
}
