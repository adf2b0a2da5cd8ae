import Fuzzing
import Hooks
import Net

@testable import Agent
@testable import Keeper
@testable import Preflight
@testable import Runner
@testable import Scribe

/// The messages between the agent and its other processes: the runner, the scribe, the log writer, and the children that
/// read a configuration. Whatever is understood is the same when it is said again. The keeper's own have a fuzzer of theirs.
@c(LLVMFuzzerTestOneInput) public func test(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
    var input = unsafe FuzzInput(start, count)
    let kind = input.byte()
    let bytes = input.remaining()
    // Where texts of more than 4096 bytes are cut; what is no text has three for each of its bytes when it is said again.
    let short = Array(bytes.prefix(1300))
    switch kind % 9 {
    case 0: check(bytes, { bytes in try? unsafe HookRequest(bytes.span.bytes) }) { $0.bytes }
    case 1: check(bytes, { bytes in try? unsafe HookReport(bytes.span.bytes) }) { $0.bytes }
    case 2: check(bytes, PlanOrder.init) { $0.bytes }
    case 3: check(bytes, PlanAnswer.init) { $0.bytes }
    case 4: check(short, { bytes in try? unsafe ScribeAnswer(bytes.span.bytes) }) { $0.bytes }
    case 5: check(bytes, { bytes in try? unsafe LogAnswer(bytes.span.bytes) }) { $0.bytes }
    case 6: check(short, { try? ReloadReading(decoding: $0).encoded() }) { $0 }
    case 7: check(bytes, { try? LoadedPlan(decoding: $0) }) { $0.encoded() }
    default:
        check(bytes, ProbeQuestion.init(decoding:)) { $0.encoded() }
        check(short, ProbeAnswer.init(decoding:)) { $0.encoded() }
    }
    return 0
}

private func check<Value: Equatable>(_ bytes: [UInt8], _ decode: ([UInt8]) -> Value?, _ encode: (Value) -> [UInt8]) {
    guard let value = decode(bytes) else { return }
    require(decode(encode(value)) == value, "said again it is no more \(value)")
}
