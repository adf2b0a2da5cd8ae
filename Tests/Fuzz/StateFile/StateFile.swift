import Fuzzing
import Net

@testable import Storage

/// The state file from a disk that may have done anything to it.
///
/// An input is a whole file as it is, or the contents of its two slots, which get their checksums here: so the fuzzer
/// comes behind them.
@c(LLVMFuzzerTestOneInput) public func test(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
    var input = unsafe FuzzInput(start, count)
    if input.byte() & 1 == 0 {
        check(input.remaining())
    } else {
        let first = sealed(input.frame())
        check(image(first, sealed(input.remaining())))
    }
    return 0
}

/// Whatever is read stood whole in a slot, and no good slot has anything newer.
private func check(_ image: [UInt8]) {
    guard let content = try? StateFile.content(of: image) else { return }
    require(image.count == StateFile.length, "a file of \(image.count) bytes is believed")
    let slots = [image[..<StateFile.slotLength], image[StateFile.secondSlot...]]
    let contents = slots.compactMap { try? StateFile.content(of: twice(Array($0))) }
    require(contents.contains(content), "no slot had \(content)")
    require(contents.allSatisfy { $0.version <= content.version }, "\(content) is older than \(contents)")
    require((try? StateFile.content(of: StateFile.image(content))) == content, "written again it is not \(content)")
}

/// A file with both slots alike.
private func twice(_ slot: [UInt8]) -> [UInt8] { image(slot, slot) }

private func image(_ first: [UInt8], _ second: [UInt8]) -> [UInt8] {
    first + [UInt8](repeating: 0, count: StateFile.secondSlot - first.count) + second
}

/// A slot of these bytes, zeros behind them, and the right checksum.
private func sealed(_ content: [UInt8]) -> [UInt8] {
    var slot = Array(content.prefix(StateFile.slotLength - 4))
    slot += [UInt8](repeating: 0, count: StateFile.slotLength - 4 - slot.count)
    slot.append(bigEndian: CRC32C.checksum(slot))
    return slot
}
