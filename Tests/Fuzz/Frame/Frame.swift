import Fuzzing
import Net

/// Frames from anybody on the link, which the keeper reads to learn who claims a VIP: what is understood is really there.
@c(LLVMFuzzerTestOneInput) public func test(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
    var input = unsafe FuzzInput(start, count)
    let frame = input.remaining()
    guard let claim = AddressClaim(frame: frame) else { return 0 }
    // RFC 826's sender; RFC 4861's target, and its option wherever it stands.
    switch claim.address {
    case .v4:
        require(Array(frame[28..<32]) == claim.address.bytes, "\(claim) is not what the sender says")
        require(Array(frame[22..<28]) == claim.hardware.bytes, "\(claim) is not what the sender says")
    case .v6:
        require(Array(frame[62..<78]) == claim.address.bytes, "\(claim) is not of the target")
        let places = stride(from: 80, through: frame.count - 6, by: 8)
        require(places.contains { Array(frame[$0..<$0 + 6]) == claim.hardware.bytes }, "\(claim) is not in an option")
    }
    return 0
}
