import Foundation
import Hooks
import Linux
import Testing

@Suite(.enabled(if: isRoot, "needs root")) struct `The check of a hook's command` {
    @Test func `finds nothing wrong with a script of root's`() throws {
        let scratch = try Scratch()
        let findings = HookCommandCheck(try scratch.script("hook.sh", "exit 0"))
        #expect(findings.errors == [])
        #expect(findings.warnings == [])
    }

    @Test func `wants an absolute path`() {
        let errors = HookCommandCheck("hook.sh").errors
        #expect(errors == ["hook.sh is not an absolute path; write the full path of the program"])
    }

    @Test func `names what is missing`() throws {
        let scratch = try Scratch()
        #expect(HookCommandCheck("\(scratch.path)/no").errors == ["\(scratch.path)/no: No such file or directory"])
        let file = try scratch.file("plain")
        #expect(HookCommandCheck("\(file)/x").errors == ["\(file)/x: Not a directory"])
    }

    @Test func `wants an executable regular file`() throws {
        let scratch = try Scratch()
        let plain = try scratch.file("plain")
        #expect(HookCommandCheck(plain).errors == ["\(plain) is not executable; chmod +x \(plain)"])
        #expect(HookCommandCheck(scratch.path).errors == ["\(scratch.path) is no regular file; name a program"])
    }

    @Test func `refuses what others may write, the program and any folder above`() throws {
        let scratch = try Scratch()
        let hook = try scratch.script("hook.sh", "exit 0")
        unsafe chmod(hook, 0o777)
        unsafe chown(hook, 0, 65_534)
        unsafe chmod(scratch.path, 0o757)
        #expect(
            HookCommandCheck(hook).errors == [
                "\(scratch.path) is writable for everyone; chmod o-w \(scratch.path)",
                "\(hook) is writable for everyone; chmod o-w \(hook)",
                "\(hook) is writable for group nogroup; chmod g-w \(hook)",
            ]
        )
    }

    @Test func `refuses what belongs to somebody else, but not what is the service user's`() throws {
        let scratch = try Scratch()
        let hook = try scratch.script("hook.sh", "exit 0")
        unsafe chown(hook, 65_534, 0)
        #expect(HookCommandCheck(hook).errors == ["\(hook) belongs to nobody, not to root or root; chown root \(hook)"])
        #expect(HookCommandCheck(hook, runBy: User(id: 65_534)).errors == [])
    }

    @Test func `follows links, and looks at what stands on their way`() throws {
        let scratch = try Scratch()
        let (open, link) = (scratch.path + "/open", scratch.path + "/link")
        try FileManager.default.createDirectory(atPath: open, withIntermediateDirectories: false)
        let hook = try scratch.script("open/hook.sh", "exit 0")
        try FileManager.default.createSymbolicLink(atPath: link, withDestinationPath: "./open/../open/hook.sh")
        #expect(HookCommandCheck(link).errors == [])
        unsafe chmod(open, 0o775)
        unsafe chown(open, 0, 65_534)
        #expect(HookCommandCheck(link).errors.contains("\(open) is writable for group nogroup; chmod g-w \(open)"))
        unsafe lchown(link, 65_534, 0)
        let chown = "\(link) belongs to nobody, not to root or root; chown -h root \(link)"
        #expect(HookCommandCheck(link).errors.contains(chown))
        #expect(hook == open + "/hook.sh")
    }

    @Test func `gives up on links that lead in a circle`() throws {
        let scratch = try Scratch()
        let link = scratch.path + "/loop"
        try FileManager.default.createSymbolicLink(atPath: link, withDestinationPath: link)
        #expect(HookCommandCheck(link).errors == ["\(link): too many symbolic links"])
    }

    @Test func `warns of sticky folders and of what root's group may write`() throws {
        let scratch = try Scratch()
        let hook = try scratch.script("hook.sh", "exit 0")
        unsafe chmod(scratch.path, 0o1777)
        unsafe chown(scratch.path, 0, 0)
        let findings = HookCommandCheck(hook)
        #expect(findings.errors == [])
        #expect(
            findings.warnings == [
                "\(scratch.path) is writable for everyone, though sticky: a safer place for a hook is /usr/local/bin",
                "\(scratch.path) is writable for group root: its members decide what the hook does",
            ]
        )
    }
}
