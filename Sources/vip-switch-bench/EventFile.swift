import Linux
import Time

/// A file of events that is only ever appended to: each line is one write, so whoever is killed leaves whole lines.
struct EventFile: ~Copyable {
    private let file: AppendFile

    init(appendingTo path: String) throws {
        do {
            file = try AppendFile(path: path)
        } catch {
            throw Complaint("cannot open \(path): \(error)")
        }
    }

    func append(_ words: String, at time: Int64) throws {
        _ = try file.append(Array("\(time) \(words)\n".utf8)[...], patience: .zero)
    }
}

/// One line of such a file.
struct Event {
    let time: Int64
    let words: [String]

    init?(_ line: Substring) {
        let words = line.split(separator: " ")
        guard let first = words.first, let time = Int64(first) else { return nil }
        self.time = time
        self.words = words.dropFirst(1).map { String($0) }
    }

    /// The events of a file in order of time, a last line cut short left out; nil where there is no such file.
    static func read(_ path: String) throws -> [Event]? {
        guard let bytes = try DurableFile.read(path, limit: 1 << 30) else { return nil }
        let end = bytes.lastIndex(of: UInt8(ascii: "\n")) ?? 0
        let text = String(decoding: bytes[..<end], as: UTF8.self)
        let events = text.split(separator: "\n").compactMap { line in Event(line) }
        return events.sorted { $0.time < $1.time }
    }
}

/// Nanoseconds on the clock that all files here share.
func timeNow() -> Int64 { Clock.now().boottime }
