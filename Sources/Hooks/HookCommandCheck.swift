package import Linux

/// Whether a hook's program can be trusted to be what the administrator put there.
///
/// Whoever may write it, or any folder on the way to it, decides what the agent executes. So the program and every
/// folder up to `/`, along symbolic links too, must belong to root or the service user and be writable for nobody else.
/// Excepted, with a warning: sticky folders (what stands in them only its owner can replace), and what the groups root
/// and staff may write (Debian ships `/usr/local` so).
package struct HookCommandCheck: Hashable, Sendable {
    /// Each a sentence that ends with what to type.
    package private(set) var errors: [String] = []
    package private(set) var warnings: [String] = []
    /// Of the program itself, links resolved; nil where nothing was found.
    package private(set) var program: FileStatus?

    private let user: User
    private var linksLeft = 40

    /// - Parameter user: Who runs the agent; `check` may be run by root for another.
    package init(_ path: String, runBy user: User = .effective) {
        self.user = user
        guard path.hasPrefix("/") else {
            errors = ["\(path) is not an absolute path; write the full path of the program"]
            return
        }
        guard let status = walk(to: path) else { return }
        program = status
        judgeProgram(path, status)
    }

    /// Visits everything on the way, links resolved; returns what stands at the end.
    private mutating func walk(to path: String) -> FileStatus? {
        guard var last = visit("/") else { return nil }
        var place = "/"
        var parts = ArraySlice(path.split(separator: "/").map(String.init))
        while let part = parts.popFirst() {
            if part == "." { continue }
            // `place` holds no link any more, so the folder above it is the one that it names.
            let next = part == ".." ? Folder.parent(of: place) : (place == "/" ? "/\(part)" : "\(place)/\(part)")
            guard let status = visit(next) else { return nil }
            guard status.kind == .symbolicLink else {
                (place, last) = (next, status)
                continue
            }
            guard let target = follow(next) else { return nil }
            if target.hasPrefix("/") { place = "/" }
            parts = ArraySlice(target.split(separator: "/").map(String.init)) + parts
        }
        return last
    }

    private mutating func visit(_ path: String) -> FileStatus? {
        do throws(Errno) {
            let status = try FileStatus(of: path, followingLinks: false)
            judge(path, status)
            return status
        } catch {
            errors.append("\(path): \(error)")
            return nil
        }
    }

    private mutating func follow(_ link: String) -> String? {
        linksLeft -= 1
        guard linksLeft >= 0 else {
            errors.append("\(link): too many symbolic links")
            return nil
        }
        do throws(Errno) {
            return try FileStatus.target(ofLink: link)
        } catch {
            errors.append("\(link): \(error)")
            return nil
        }
    }
}

extension HookCommandCheck {
    private mutating func judge(_ path: String, _ status: FileStatus) {
        if status.owner != User.root.id, status.owner != user.id {
            let option = status.kind == .symbolicLink ? "-h " : ""
            let owner = User(id: status.owner).name
            errors.append("\(path) belongs to \(owner), not to root or \(user.name); chown \(option)root \(path)")
        }
        // A link's own mode means nothing.
        if status.kind == .symbolicLink { return }
        if status.isWritableByOthers { judgeWritable(path, status, "everyone", "o-w") }
        if status.isWritableByGroup { judgeGroup(path, status) }
    }

    private mutating func judgeGroup(_ path: String, _ status: FileStatus) {
        let group = UserGroup(id: status.group).name
        guard status.group == 0 || group == "staff" else {
            return judgeWritable(path, status, "group \(group)", "g-w")
        }
        warnings.append("\(path) is writable for group \(group): its members decide what the hook does")
    }

    private mutating func judgeWritable(_ path: String, _ status: FileStatus, _ whom: String, _ change: String) {
        if status.kind == .directory, status.isSticky {
            warnings.append(
                "\(path) is writable for \(whom), though sticky: a safer place for a hook is /usr/local/bin"
            )
        } else {
            errors.append("\(path) is writable for \(whom); chmod \(change) \(path)")
        }
    }

    private mutating func judgeProgram(_ path: String, _ status: FileStatus) {
        guard status.kind == .regular else {
            errors.append("\(path) is no regular file; name a program")
            return
        }
        let needed: UInt32 = status.owner == user.id ? 0o100 : 0o011
        if status.permissions & needed == 0 { errors.append("\(path) is not executable; chmod +x \(path)") }
    }
}
