import Linux
import Net
import Samples
import Testing

@Suite struct `A durable file` {
    let folder: TemporaryFolder

    init() throws { folder = try TemporaryFolder() }

    @Test func `is replaced as a whole, for its user alone`() throws {
        let path = folder.path + "/file"
        try DurableFile.replace(path, with: Array("first, and longer".utf8))
        try DurableFile.replace(path, with: Array("second".utf8))
        #expect(try folder.read("file") == Array("second".utf8))
        #expect(try FileStatus(of: path).permissions == 0o600)
        #expect(throws: Errno.noEntry) { try FileStatus(of: path + ".new") }
    }

    @Test func `stays as it was when it cannot be replaced`() throws {
        let path = folder.path + "/file"
        try DurableFile.replace(path, with: Array("first".utf8))
        try Folder.create(path + ".new")
        #expect(throws: Errno.self) { try DurableFile.replace(path, with: Array("second".utf8)) }
        #expect(try folder.read("file") == Array("first".utf8))
    }

    @Test func `is written in place`() throws {
        let path = folder.path + "/file"
        try DurableFile.replace(path, with: Array("0123456789".utf8))
        let file = try DurableFile(path: path)
        try file.write(Array("ab".utf8), at: 4)
        try file.write(Array("cd".utf8), at: 10)
        try file.synchronize()
        #expect(try folder.read("file") == Array("0123ab6789cd".utf8))
    }

    @Test func `is read up to a limit`() throws {
        let path = folder.path + "/file"
        #expect(try DurableFile.read(path, limit: 10) == nil)
        try DurableFile.replace(path, with: Array(repeating: 1, count: 11))
        #expect(throws: Errno.fileTooBig) { try DurableFile.read(path, limit: 10) }
    }

    @Test(arguments: [("/a/b", "/a"), ("/a", "/"), ("a", "."), ("/a/b/", "/a"), ("a/b", "a"), ("/", "/")])
    func `lies in the folder that its path says`(path: String, parent: String) {
        #expect(Folder.parent(of: path) == parent)
    }
}

@Suite struct `A datagram socket` {
    @Test(arguments: ["127.0.0.1", "::1"]) func `carries datagrams with their sources`(host: String) throws {
        let address = try #require(IPAddress(host))
        let one = try UDPSocket(boundTo: Endpoint(address: address, port: 0))
        let other = try UDPSocket(boundTo: Endpoint(address: address, port: 0))
        let (from, to) = (try one.localEndpoint(), try other.localEndpoint())
        #expect(from.address == address && from.port != 0)
        let nothing = try other.receive(limit: 1200)
        #expect(nothing == nil)
        for length in [0, 1, 1200] {
            try one.send(Array(repeating: 7, count: length), to: to)
            let datagram = try other.receive(limit: 1200)
            #expect(datagram?.bytes == Array(repeating: 7, count: length))
            #expect(datagram?.source == from)
        }
        try one.send(Array(repeating: 7, count: 3000), to: to)
        let long = try other.receive(limit: 1200)
        #expect(long?.bytes.count == 1201)
    }

    @Test func `says when its port is taken or its address is not here`() throws {
        let one = try UDPSocket(boundTo: Endpoint(address: .v4(0x7f00_0001), port: 0))
        let taken = try one.localEndpoint()
        #expect(throws: Errno.addressInUse) { _ = try UDPSocket(boundTo: taken) }
        #expect(throws: Errno.addressNotAvailable) { _ = try UDPSocket(boundTo: endpoint("192.0.2.1:7946")) }
    }
}

@Suite struct `The kernel's random numbers` {
    @Test func `differ`() {
        #expect(Random.bytes(0).isEmpty)
        #expect(Set((0..<100).map { _ in Random.uint128() }).count == 100)
        #expect(Random.bytes(1000).count == 1000)
    }
}
