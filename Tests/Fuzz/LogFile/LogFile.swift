import Fuzzing
import Net
import Raft

@testable import Storage

/// The log file from a disk that may have done anything to it, and the writes that go to the scribe.
///
/// An input is a whole file as it is; or a write of any bytes, whose snapshot and entries are put into a file that is
/// then left as it is, cut short, ended in zeros, or changed in up to 32 bits in a row.
@c(LLVMFuzzerTestOneInput) public func test(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
    var input = unsafe FuzzInput(start, count)
    if input.byte() & 1 == 0 {
        checkRaw(input.remaining())
    } else {
        let (damage, place, burst) = (input.byte(), input.number(), (0..<4).map { _ in input.byte() })
        checkWrite(input.remaining()) { image in
            let place = place % (image.count + 1)
            switch damage & 3 {
            case 0: return image
            case 1: return Array(image[..<place])
            case 2: return image[..<place] + [UInt8](repeating: 0, count: image.count - place)
            default:
                return image.enumerated().map { offset, byte in
                    (place..<place + 4).contains(offset) ? byte ^ burst[offset - place] : byte
                }
            }
        }
    }
    return 0
}

private let storage = StorageID(0xabc)

/// Whatever is read can be written and read again.
private func checkRaw(_ image: [UInt8]) {
    guard let log = try? EntryFile.log(of: image, storage: nil) else { return }
    let again = try? EntryFile.log(of: EntryFile.image(storage, log), storage: storage)
    require(again == log, "written again it is not \(log)")
}

/// Nothing is read that was not written; all that lies before the damage is read, or the whole file refused.
private func checkWrite(_ bytes: [UInt8], _ damage: ([UInt8]) -> [UInt8]) {
    guard let write = try? Persistence(decoding: bytes) else { return }
    require((try? Persistence(decoding: write.encoded())) == write, "said again it is no more \(write)")
    guard let log = log(write) else { return }
    let image = EntryFile.image(storage, log)
    let damaged = damage(image)
    guard let read = try? EntryFile.log(of: damaged, storage: storage) else {
        require(damaged != image, "refused as it was written: \(log)")
        return
    }
    require(read == cut(log, to: read.entries.count), "of \(log) came \(read)")
    let common = zip(image, damaged).prefix { $0 == $1 }.count
    let good = log.entries.indices.last { EntryFile.image(storage, cut(log, to: $0 + 1)).count <= common }
    require(read.entries.count > good ?? -1, "\(common) bytes of \(log) are good, and only \(read) is read")
}

private func cut(_ log: Log, to count: Int) -> Log {
    Log(snapshot: log.snapshot, entries: Array(log.entries.prefix(count)))
}

/// The snapshot and the payloads of a write, as entries that follow each other; nil where their indexes are greater than
/// counting leads to.
private func log(_ write: Persistence) -> Log? {
    let snapshot = write.snapshot ?? .none
    guard snapshot.index.number < 1 << 61 else { return nil }
    var (index, term) = (snapshot.index, snapshot.term)
    let entries = write.entries.map { entry in
        index = index.next
        term = max(term, entry.term)
        return LogEntry(index: index, term: term, payload: entry.payload)
    }
    return Log(snapshot: snapshot, entries: entries)
}
