import Agent
import Configuration
import Elections
import Linux
import Net

/// `keygen --rotate`: the key of a running cluster is changed, without an outage.
extension Command {
    private static let largest = 65_536

    static func rotate(_ word: String, _ arguments: Arguments) -> ExitCode {
        guard arguments["--output"] == nil else {
            return fail("--rotate changes --file FILE and makes no other; leave --output out", .usage)
        }
        let path = arguments["--file"]
        if word == "plan" { return succeed(plan(path ?? "/etc/vip-switch/cluster.key")) }
        guard let step = KeyFile.Step(rawValue: word) else {
            let words = KeyFile.Step.allCases.map(\.rawValue)
            let hint = suggestion(for: word, among: words).map { "; did you mean \($0)?" } ?? ""
            return fail(
                "--rotate: \(quoted(word)) is no step; expected \(words.joined(separator: ", "))\(hint)",
                .usage
            )
        }
        guard let path else { return fail("--rotate \(step.rawValue) needs --file FILE", .usage) }
        return take(step, path)
    }

    private static func take(_ step: KeyFile.Step, _ path: String) -> ExitCode {
        do {
            let content = try RegularFile.read(path, limit: largest).bytes
            var file = try KeyFile(parsing: String(decoding: content, as: UTF8.self))
            let before = file.secrets
            try file.take(step)
            try RegularFile.rewrite(path, with: Array(file.text.utf8))
            return succeed(account(of: step, before, file.secrets, path))
        } catch let error as Errno {
            return fail("cannot change \(path): \(error); it is as it was" + advice(error))
        } catch let fault as KeyFile.Fault {
            return fail("\(path) is as it was: \(reason(fault, step))")
        } catch let malformed as Malformed {
            return fail("\(path): \(malformed)", .usage)
        } catch {
            return fail("cannot change \(path): \(error)")
        }
    }

    private static func advice(_ error: Errno) -> String {
        switch error {
        case .notPermitted, .accessDenied: "; change it as its owner or as root"
        case .exists: "; a draft of it, .new, is there already: another change is under way, or was broken off"
        case .isLink: "; it is a symbolic link: name the file that it leads to"
        default: ""
        }
    }

    private static func reason(_ fault: KeyFile.Fault, _ step: KeyFile.Step) -> String {
        switch fault {
        case .malformed(let malformed): "\(malformed)"
        case .hasTwo: "it has two keys already; finish that change with the steps first and drop"
        case .hasOne: "it has one key, and \(step.rawValue) is a step between two; begin with add"
        case .hasMore(let count): "it has \(count) keys; leave at most two, the one that seals first"
        }
    }

    private static func account(
        of step: KeyFile.Step,
        _ before: [ClusterSecret],
        _ after: [ClusterSecret],
        _ path: String
    ) -> String {
        let next =
            switch step {
            case .add:
                """
                \(path): key \(after[0].name) seals, the new key \(after[1].name) opens as well
                Bring this file to every other node, and type vip-switch reload on each in turn.
                When `status` says up of all of them again: vip-switch keygen --rotate first --file \(path)
                """
            case .first:
                """
                \(path): the new key \(after[0].name) seals, key \(after[1].name) still opens
                Do the same on every other node, or bring this file there, and type vip-switch reload on each in turn.
                When `status --json` on each node names key \(after[0].name) for it and the peers that it hears:
                vip-switch keygen --rotate drop --file \(path)
                """
            case .drop:
                """
                \(path): key \(after[0].name) is the only one, key \(before[1].name) opens nothing any more
                Do the same on every other node, and type vip-switch reload on one after the other. That is all.
                """
            }
        return next + "\n"
    }

    private static func plan(_ path: String) -> String {
        """
        The key is changed in three steps, each on every node before the next one begins. While a step is being made, nodes
        that have made it and nodes that have not understand each other, so one after the other can read its key again.

          1  add    on one node: vip-switch keygen --rotate add --file \(path)
                    bring the file to the others; reload each: all open with the new key, and seal with the old one
          2  first  on each node: vip-switch keygen --rotate first --file \(path)
                    reload each: all seal with the new key, and open with both
          3  drop   on each node: vip-switch keygen --rotate drop --file \(path)
                    reload each: the old key opens nothing any more

        Where the old key may be known to somebody, it is worth nothing to them from step 3 on.

        """
    }
}
