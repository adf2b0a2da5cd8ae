package import Configuration
package import Linux

/// A hook's program right before it runs: owner and modes looked at, and the content where somebody vouches for it.
///
/// A program whose content is pinned, by `sha256:` or by the list of signatures, is executed from a copy in memory: what was
/// looked at is what runs. Any other runs from its file, which must be the same file, unchanged, after the start as before;
/// only root and the service user could have changed it.
package struct CheckedProgram {
    /// What is to be executed in the file's place; nil where the content is anybody's choice who may write it.
    package let copy: ProgramCopy?
    package let warnings: [String]
    private let path: String
    private let status: FileStatus

    package static let largest = 16 << 20

    package init(
        _ hook: Hook,
        _ signature: HookSignature?,
        _ key: SignatureKey?,
        runBy user: User = .effective
    ) throws(HookRefusal) {
        let check = HookCommandCheck(hook.command, runBy: user)
        guard check.errors.isEmpty, let status = check.program else {
            throw HookRefusal(check.errors.joined(separator: "; "))
        }
        (path, warnings, self.status) = (hook.command, check.warnings, status)
        guard hook.sha256 != nil || signature != nil else {
            copy = nil
            return
        }
        let content = try Self.content(of: hook.command, status)
        try Self.compare(content, with: hook)
        if let signature { try Self.verify(content, of: hook, signature, key) }
        do throws(Errno) {
            copy = try ProgramCopy(of: content)
        } catch {
            throw HookRefusal("cannot copy \(hook.command), whose content is pinned, into memory: \(error)")
        }
    }

    /// Whether the file is still what was looked at: device, inode, size, owner, modes and both times of change.
    package var isUnchanged: Bool { copy != nil || (try? FileStatus(of: path)) == status }

    private static func content(of path: String, _ status: FileStatus) throws(HookRefusal) -> [UInt8] {
        let file: RegularFile
        do throws(Errno) {
            file = try RegularFile.read(path, limit: largest)
        } catch {
            throw HookRefusal("cannot read \(path), whose content is pinned: \(error); chmod +r \(path)")
        }
        guard file.status == status else { throw HookRefusal("\(path) was changed while it was looked at") }
        return file.bytes
    }

    private static func compare(_ content: [UInt8], with hook: Hook) throws(HookRefusal) {
        guard let wanted = hook.sha256 else { return }
        let found = Digest.text(Digest.sha256(of: content))
        guard found == wanted else {
            throw HookRefusal("\(hook.command) has not the content that sha256 wants; it has \(found)")
        }
    }

    private static func verify(
        _ content: [UInt8],
        of hook: Hook,
        _ signature: HookSignature,
        _ key: SignatureKey?
    ) throws(HookRefusal) {
        guard let key else { throw HookRefusal("the key \(signature.keyFile) could not be read at the start") }
        try SignatureList.read(signature.file, key: key).verify(hook.command, content)
    }
}
