import Linux
import Net
import Time

/// Plays the machine that was given the VIP by mistake.
func claim(_ options: Options) throws {
    let name = try options.required("interface")
    let (address, count) = (try options.address(), options["count"].flatMap { Int($0) } ?? 1)
    let interval = Duration.microseconds(options["interval"].flatMap { Int($0) } ?? 1_000_000)
    guard let link = try Netlink().links().first(where: { $0.name == name }), let hardware = link.hardwareAddress else {
        throw Complaint("there is no Ethernet interface \(name)")
    }
    let socket = try PacketSocket(on: link.index)
    // One form does: the keeper counts frames.
    let frame = Announcement.frames(of: address, from: hardware, isRouter: false)[0]
    for number in 0..<count {
        if number > 0, interval > .zero { Clock.sleep(for: interval) }
        _ = try socket.send(frame)
    }
}
