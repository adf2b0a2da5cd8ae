/// Runs a script block by block and compares what comes out with what the script expects.
package struct ScriptRun {
    package enum Output: Hashable, Sendable {
        /// A block that expects nothing, with what came out; or, when rewriting, any part of the script.
        case transcript([String])
        /// A block, what it expects and what came out instead.
        case difference([String])
        /// What could not be done, and where.
        case fault(String)

        package var text: String {
            switch self {
            case .transcript(let lines), .difference(let lines): lines.joined(separator: "\n")
            case .fault(let reason): reason
            }
        }
    }

    private let name: String
    private let isRewriting: Bool
    private var reader = ScriptReader()
    private var cluster = ScriptCluster()
    package private(set) var blocks = 0
    package private(set) var differences = 0
    package private(set) var faults = 0

    /// - Parameters:
    ///   - name: What places are named after.
    ///   - isRewriting: Print the whole script, with what came out in the place of what was expected.
    ///   - isDrawing: Answer `committed` with the picture of who has what, as etcd's tests do.
    package init(of name: String, isRewriting: Bool = false, isDrawing: Bool = false) {
        self.name = name
        self.isRewriting = isRewriting
        cluster.isDrawing = isDrawing
    }

    /// Takes the next line and runs the block that it completes.
    package mutating func take(_ line: String) -> [Output] {
        do {
            return try reader.take(line).map { run($0) } ?? []
        } catch {
            return [fault(error, line: reader.line)]
        }
    }

    /// The script is over.
    package mutating func finish() -> [Output] {
        var outputs: [Output] = []
        do {
            outputs = try reader.finish().map { run($0) } ?? []
        } catch {
            outputs = [fault(error, line: reader.line)]
        }
        if isRewriting, !reader.remainder.isEmpty { outputs.append(.transcript(reader.remainder)) }
        return outputs
    }

    private mutating func run(_ block: ScriptBlock) -> [Output] {
        blocks += 1
        do {
            return judge(block, try cluster.perform(ScriptCommand(block.command), input: block.input))
        } catch {
            let fault = fault(error, line: block.line)
            return isRewriting ? [fault, .transcript(block.written(with: block.expected ?? []))] : [fault]
        }
    }

    private mutating func judge(_ block: ScriptBlock, _ output: [String]) -> [Output] {
        guard let expected = block.expected, !isRewriting else { return [.transcript(block.written(with: output))] }
        guard expected != output else { return [] }
        differences += 1
        let difference =
            ["\(name):\(block.line): not what was expected"] + block.directive + block.input
            + ["---- expected"] + expected + ["---- actual"] + output + [""]
        return [.difference(difference)]
    }

    private mutating func fault(_ fault: ScriptFault, line: Int) -> Output {
        faults += 1
        return .fault("\(name):\(line): \(fault.reason)")
    }
}

extension ScriptRun {
    /// Runs a whole script; returns what is wrong with it.
    package static func problems(of name: String, _ script: some StringProtocol) -> [String] {
        var run = ScriptRun(of: name)
        var outputs: [Output] = []
        for line in script.split(separator: "\n", omittingEmptySubsequences: false) {
            outputs += run.take(String(line))
        }
        outputs += run.finish()
        return outputs.map(\.text)
    }
}
