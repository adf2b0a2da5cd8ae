import Linux
import Net

/// Sends the frames that tell the neighbours where a VIP is, from one socket for each interface.
final class Announcer {
    private var sockets: [InterfaceIndex: PacketSocket] = [:]

    /// Sends one announcement of each address out of `link`; a full queue loses the rest, which the repeats make up for.
    ///
    /// Returns what became of the frames, and why they could not be sent where that is an error.
    func announce(_ addresses: [IPAddress], on link: Link) -> (AnnouncementTally.Frames, PacketError?) {
        guard let hardware = link.hardwareAddress else { return (AnnouncementTally.Frames(), nil) }
        let isRouter =
            addresses.contains { $0.bitWidth == 128 } && InterfaceSettings.forwardsIPv6(on: link.name) ?? false
        let frames = addresses.flatMap { Announcement.frames(of: $0, from: hardware, isRouter: isRouter) }
        let forms = addresses.flatMap(Announcement.forms)
        do throws(PacketError) {
            return (AnnouncementTally.Frames(forms, taken: try socket(on: link.index).send(frames)), nil)
        } catch {
            // The interface may have been replaced by another of its number.
            sockets[link.index] = nil
            return (AnnouncementTally.Frames(forms, taken: 0), error)
        }
    }

    private func socket(on index: InterfaceIndex) throws(PacketError) -> PacketSocket {
        if let socket = sockets[index] { return socket }
        let socket = try PacketSocket(on: index)
        sockets[index] = socket
        return socket
    }
}

extension AnnouncementTally.Frames {
    /// The first `taken` of these have left, and the rest have not.
    fileprivate init(_ forms: [Announcement.Form], taken: Int) {
        self.init()
        failures = UInt64(forms.count - taken)
        for form in forms.prefix(taken) {
            switch form {
            case .request: requests += 1
            case .reply: replies += 1
            case .advertisement: advertisements += 1
            }
        }
    }
}
