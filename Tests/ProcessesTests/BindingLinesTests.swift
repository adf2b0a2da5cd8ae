import Testing

@testable import Hooks

@Suite struct `Lines that bind a VIP` {
    @Test(arguments: [
        "ip addr replace $VIP_ADDRESS/32 dev $INTERFACE", "  /sbin/ip a add 192.0.2.1 dev eth0",
        "sudo ip -4 address del \"$VIP\" dev eth0 || true", "if ! ip -6 addr add $V dev $I; then",
        "out=$(ip addr flush dev eth0)", "arping -U -c 3 -I $INTERFACE $VIP_ADDRESS", "/usr/sbin/arping -A $VIP &",
        "test -n \"$X\" && ifconfig eth0:1 192.0.2.1 netmask 255.255.255.255 up", "sudo /sbin/ifconfig eth0:1 down",
        "ndsend 2001:db8::1 eth0",
    ]) func `are found`(line: String) {
        let found = BindingLines(path: "/h.sh", text: "#!/bin/sh\nset -e\n\(line)\n")
        #expect(found.lines.map(\.number) == [3])
    }

    @Test(arguments: [
        "# ip addr add 192.0.2.1 dev eth0", "ip addr show dev eth0", "ip -br a", "ip addr",
        "ip route add default via $GW",
        "ip link set eth0 up", "ip neigh flush dev eth0", "ifconfig", "ifconfig eth0", "echo the vip is here",
        "zip a add b",
        "systemctl restart arping.service", "command -v arping",
    ]) func `are not confused with others`(line: String) {
        #expect(BindingLines(path: "/h.sh", text: "#!/bin/sh\n\(line)\n").lines == [])
    }

    @Test func `are shown without their blanks, fifty at most`() {
        let text = String(repeating: "\tarping -U $VIP \r\n", count: 60)
        let found = BindingLines(path: "/h.sh", text: text)
        #expect(found.lines.count == 50)
        #expect(found.lines.first == .init(number: 1, text: "arping -U $VIP"))
    }

    @Test func `are looked for in scripts only`() {
        #expect(BindingLines(ofScriptAt: "/bin/true").lines == [])
        #expect(BindingLines(ofScriptAt: "/nowhere").lines == [])
    }
}
