import Glibc
import Linux
import Net
import Testing

@Suite(.enabled(if: getuid() == 0, "network namespaces need root"))
struct `An address request` {
    static let vip = Prefix(single: .v4(0xc000_020a))

    @Test func `puts an address on an interface, renews it and takes it off`() throws {
        let lab = try Lab()
        let eth0 = try lab.interface()
        try lab.here.run {
            let netlink = try Netlink()
            try netlink.perform(.replace(Self.vip, on: eth0, lifetime: .seconds(100)))
            #expect(try netlink.addresses().contains { $0.prefix == Self.vip && $0.tag == .vipSwitch })
            try netlink.perform(.replace(Self.vip, on: eth0, lifetime: .forever))
            #expect(try netlink.addresses().contains { $0.prefix == Self.vip && $0.lifetime == .forever })
            try netlink.perform(.remove(Self.vip, from: eth0))
            #expect(try !netlink.addresses().contains { $0.prefix == Self.vip })
        }
    }
}
