import Linux
import Net

/// Sends the frames that tell the neighbours where a VIP is, from one socket for each interface.
final class Announcer {
    private var sockets: [InterfaceIndex: PacketSocket] = [:]

    /// Sends one announcement of each address out of `link`; a full queue loses the rest, which the repeats make up for.
    func announce(_ addresses: [IPAddress], on link: Link) throws(PacketError) {
        guard let hardware = link.hardwareAddress else { return }
        let isRouter = InterfaceSettings.forwardsIPv6(on: link.name) ?? false
        let frames = addresses.flatMap { Announcement.frames(of: $0, from: hardware, isRouter: isRouter) }
        do throws(PacketError) {
            _ = try socket(on: link.index).send(frames)
        } catch {
            // The interface may have been replaced by another of its number.
            sockets[link.index] = nil
            throw error
        }
    }

    private func socket(on index: InterfaceIndex) throws(PacketError) -> PacketSocket {
        if let socket = sockets[index] { return socket }
        let socket = try PacketSocket(on: index)
        sockets[index] = socket
        return socket
    }
}
