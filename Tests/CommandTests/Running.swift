import Foundation
import Linux

/// What a run of the program came to.
struct Outcome: Sendable {
    var code: Int32
    var output: String
    var error: String
}

/// A run of the program that the tests were built with.
final class Running {
    private let process = Process()
    private let output = Pipe()
    private let error = Pipe()

    init(_ words: [String], environment: [String: String] = [:]) throws {
        let tests = URL(filePath: CommandLine.arguments[0])
        process.executableURL = tests.deletingLastPathComponent().appending(path: "vip-switch")
        process.arguments = words
        process.environment = environment
        process.standardOutput = output
        process.standardError = error
        try process.run()
    }

    var pid: Int32 { process.processIdentifier }
    var isRunning: Bool { process.isRunning }

    func wait() -> Outcome {
        let texts = [output, error].map {
            String(decoding: $0.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
        }
        process.waitUntilExit()
        return Outcome(code: process.terminationStatus, output: texts[0], error: texts[1])
    }
}

func run(_ words: String..., environment: [String: String] = [:]) throws -> Outcome {
    try Running(words, environment: environment).wait()
}

/// A folder that goes with the test.
final class TemporaryFolder {
    let path: String

    init() {
        path = FileManager.default.temporaryDirectory.appending(path: "command-\(getpid())-\(UUID().uuidString)").path
        try? FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    }

    deinit { try? FileManager.default.removeItem(atPath: path) }

    func file(_ name: String) -> String { "\(path)/\(name)" }

    /// Writes a file and returns its path.
    func file(_ name: String, _ text: String) throws -> String {
        try text.write(toFile: file(name), atomically: false, encoding: .utf8)
        return file(name)
    }
}
