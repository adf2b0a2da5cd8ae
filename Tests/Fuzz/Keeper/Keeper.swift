import Fuzzing
import Keeper
import Net

/// The messages between agent and keeper, and the keeper's plan: what is understood has one spelling.
@c(LLVMFuzzerTestOneInput) public func test(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
    var input = unsafe FuzzInput(start, count)
    switch input.byte() % 3 {
    case 0: check(input.remaining(), KeeperRequest.init(decoding:)) { $0.encoded() }
    case 1: check(input.remaining(), KeeperReport.init(decoding:)) { $0.encoded() }
    default: check(input.remaining(), KeeperPlan.init(decoding:)) { $0.encoded() }
    }
    return 0
}

private func check<Value: Equatable>(
    _ bytes: [UInt8],
    _ decode: ([UInt8]) throws(Malformed) -> Value,
    _ encode: (Value) -> [UInt8]
) {
    guard let value = try? decode(bytes) else { return }
    let again = encode(value)
    require((try? decode(again)) == value, "said again it is no more \(value)")
    require(again == bytes, "\(value) has a second spelling")
}
