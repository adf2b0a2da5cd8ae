internal import CLinux
internal import CMnl
internal import Glibc

/// Sends whole Ethernet frames out of one interface (AF_PACKET); opening it needs CAP_NET_RAW.
///
/// It is bound with protocol 0: nothing is ever received, so no queue fills up behind it.
package final class PacketSocket {
    package let interface: InterfaceIndex
    private let descriptor: FileDescriptor

    package init(on interface: InterfaceIndex) throws(PacketError) {
        self.interface = interface
        do throws(Errno) {
            let kind = Int32(SOCK_RAW.rawValue) | Int32(SOCK_CLOEXEC.rawValue) | Int32(SOCK_NONBLOCK.rawValue)
            descriptor = FileDescriptor(owning: try retrying { socket(AF_PACKET, kind, 0) })
            try Self.bind(descriptor.rawValue, to: interface)
            // Some 1,300 frames may wait for a slow device; the usual buffer takes 250. Without it more of them are lost.
            var room: Int32 = 1 << 20
            let number = descriptor.rawValue
            _ = unsafe setsockopt(number, SOL_SOCKET, SO_SNDBUFFORCE, &room, socklen_t(MemoryLayout<Int32>.size))
        } catch {
            throw PacketError(act: "open a packet socket on", interface: interface, errno: error)
        }
    }

    /// Sends one frame; false when the device's queue is full.
    package func send(_ frame: [UInt8]) throws(PacketError) -> Bool {
        try send([frame]) == 1
    }

    /// Sends frames in order by `sendmmsg(2)` and returns how many were taken: fewer when the device's queue is full,
    /// and the rest may be tried again a little later. When it throws, some may have left.
    package func send(_ frames: [[UInt8]]) throws(PacketError) -> Int {
        var taken = 0
        while taken < frames.count {
            let rest = frames[taken...].prefix(Int(CLINUX_FRAMES_PER_CALL))
            do throws(Errno) {
                taken += try sendTogether(rest)
            } catch .wouldBlock {
                break
            } catch .noBufferSpace {
                break
            } catch {
                throw PacketError(act: "announce on", interface: interface, errno: error)
            }
        }
        return taken
    }

    private func sendTogether(_ frames: ArraySlice<[UInt8]>) throws(Errno) -> Int {
        let bytes = frames.flatMap(\.self)
        let lengths = frames.map(\.count)
        let socket = descriptor.rawValue
        return Int(try retrying { unsafe clinux_send_frames(socket, bytes, lengths, UInt32(lengths.count)) })
    }

    /// - Parameter protocol: The EtherType to receive; 0 for none.
    static func bind(_ socket: Int32, to interface: InterfaceIndex, protocol etherType: UInt16 = 0) throws(Errno) {
        var address = sockaddr_ll()
        address.sll_family = UInt16(AF_PACKET)
        address.sll_protocol = etherType.bigEndian
        address.sll_ifindex = Int32(bitPattern: interface.rawValue)
        try retrying {
            unsafe withUnsafePointer(to: &address) {
                unsafe $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                    unsafe Glibc.bind(socket, $0, socklen_t(MemoryLayout<sockaddr_ll>.size))
                }
            }
        }
    }
}

/// Why frames could not be sent.
package struct PacketError: Error, Hashable, Sendable {
    package let act: String
    package let interface: InterfaceIndex
    package let errno: Errno
}

extension PacketError: CustomStringConvertible {
    package var description: String {
        let nextStep = errno == .notPermitted ? "; the keeper needs CAP_NET_RAW" : ""
        return "cannot \(act) \(interface): \(errno)\(nextStep)"
    }
}
