import Net
import Testing

/// A packet as a list of fields with a caption each.
func golden(_ fields: (caption: String, bytes: [UInt8])...) -> [UInt8] {
    fields.flatMap(\.bytes)
}

func zeros(_ count: Int) -> [UInt8] { Array(repeating: 0, count: count) }

extension MACAddress {
    static func of(_ bytes: UInt8...) -> MACAddress {
        guard let address = MACAddress(bytes: bytes) else { preconditionFailure("six bytes, not \(bytes)") }
        return address
    }
}

/// The error that `read` throws, or nil.
func refusal(_ read: () throws(Malformed) -> Void) -> Malformed? {
    do throws(Malformed) {
        try read()
        return nil
    } catch {
        return error
    }
}
