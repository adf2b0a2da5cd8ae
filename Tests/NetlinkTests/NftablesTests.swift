import Glibc
import Net
import Testing

@testable import Linux

private let table = NftablesTable(family: .inet, name: "test")
private let gates = NftablesSet(table: table, name: "gates", key: .protocolFamily, kind: .timed)
private let addresses = NftablesSet(table: table, name: "addresses", key: .ipv4, kind: .verdicts)
private let chain = NftablesChain(table: table, name: "chain")
private let inward = NftablesChain(table: table, name: "inward", hook: .prerouting)
private let ipv4 = NftablesElement([2])

private let ruleset: [NftablesRequest] = [
    .addTable(table), .addSet(gates), .addSet(addresses), .addChain(chain), .addChain(inward),
    .addRule([.loadProtocolFamily, .isFound(in: gates), .accept], to: chain),
    .addRule([.loadAddressType(ofSource: false), .isEqual([2, 0, 0, 0]), .count, .drop], to: chain),
    .addElements([NftablesElement([192, 0, 2, 10], .goto(chain: "chain"))], to: addresses, isNew: true),
    .addRule(
        [.loadProtocolFamily, .isEqual([2]), .loadHeader(offset: 16, length: 4), .isFound(in: addresses)],
        to: inward
    ),
]

private func open(for milliseconds: UInt64) -> NftablesRequest {
    .addElements([NftablesElement([2], .time(milliseconds))], to: gates, isNew: true)
}

private let close = NftablesRequest.removeElements([ipv4], from: gates)

@Suite(.enabled(if: Lab.isPossible, "network namespaces need root"))
struct `A transaction of nf_tables` {
    @Test func `leaves a ruleset that nft prints`() throws {
        try NetworkNamespace().run {
            let nftables = try Nftables()
            try nftables.perform(ruleset + [open(for: 60_000)])
            let printed = try nft("list ruleset")
            for line in [
                "type nf_proto", "timeout 1m", "192.0.2.10 : goto chain", "meta nfproto @gates accept",
                "fib daddr type local counter packets 0 bytes 0 drop", "ip daddr vmap @addresses",
                "type filter hook prerouting priority raw; policy accept;",
            ] { #expect(printed.contains(line), "\(line) in \(printed)") }
            #expect(try nftables.rules(of: table).map(\.chain) == ["chain", "chain", "inward"])
            try nftables.perform([.removeTable(table)])
            #expect(try nft("list ruleset") == "")
            #expect(try nftables.rules(of: table) == [])
        }
    }

    @Test func `is done whole or not at all, and tells what was refused`() throws {
        try NetworkNamespace().run {
            let nftables = try Nftables()
            let refusal = #expect(throws: NftablesRefusal.self) { try nftables.perform(ruleset + [close]) }
            #expect(refusal == NftablesRefusal(errno: .noEntry, request: ruleset.count))
            #expect(try nft("list ruleset") == "")
        }
    }

    @Test func `renews an element, but not one whose time is over`() throws {
        try NetworkNamespace().run {
            let nftables = try Nftables()
            try nftables.perform(ruleset + [open(for: 10_000)])
            try nftables.perform([close, open(for: 100)])
            usleep(150_000)
            let refusal = #expect(throws: NftablesRefusal.self) { try nftables.perform([close, open(for: 10_000)]) }
            #expect(refusal?.errno == .noEntry)
            #expect(try nft("list set inet test gates").contains("elements") == false)
        }
    }

    @Test func `adds and removes in one step what may be there or not`() throws {
        try NetworkNamespace().run {
            let nftables = try Nftables()
            try nftables.perform(ruleset)
            let some = NftablesRequest.addElements([NftablesElement([2], .time(10))], to: gates, isNew: false)
            for _ in 0..<2 {
                try nftables.perform([some, close])
                #expect(try nft("list set inet test gates").contains("elements") == false)
                try nftables.perform([some, close, open(for: 10_000)])
                #expect(try nft("list set inet test gates").contains("timeout 10s"))
            }
        }
    }

    @Test func `for a generation is refused when somebody else has changed the ruleset`() throws {
        try NetworkNamespace().run {
            let nftables = try Nftables()
            try nftables.perform(ruleset)
            let generation = try nftables.generation()
            try nftables.perform([open(for: 10_000)], at: generation)
            #expect(try nftables.generation() == generation + 1)
            // What fails changes nothing.
            #expect(throws: NftablesRefusal.self) { try nftables.perform([open(for: 10_000)], at: generation + 1) }
            #expect(try nftables.generation() == generation + 1)
            try nft("add table inet theirs")
            let refusal = #expect(throws: NftablesRefusal.self) { try nftables.perform([close], at: generation + 1) }
            #expect(refusal == NftablesRefusal(errno: .outdated, request: nil))
            try nftables.perform([close], at: generation + 2)
        }
    }

    @Test func `takes ten thousand addresses`() throws {
        try NetworkNamespace().run {
            let nftables = try Nftables()
            try nftables.perform(ruleset)
            let all = (0..<10_000).map { number in
                NftablesElement([10, 0, UInt8(number / 250), UInt8(number % 250)], .goto(chain: "chain"))
            }
            let requests = stride(from: 0, to: all.count, by: NftablesRequest.Limit.elements).map { start in
                let end = min(start + NftablesRequest.Limit.elements, all.count)
                return NftablesRequest.addElements(Array(all[start..<end]), to: addresses, isNew: true)
            }
            try nftables.perform(requests)
            #expect(try nft("list map inet test addresses").contains("10.0.39.249 : goto chain"))
        }
    }

    @Test func `needs CAP_NET_ADMIN`() throws {
        try NetworkNamespace().run {
            try withoutCapabilities {
                let refusal = #expect(throws: NftablesRefusal.self) { try Nftables().perform(ruleset) }
                #expect(refusal?.errno == .notPermitted)
            }
        }
    }
}

/// Runs `nft` in the current thread's namespace and returns what it printed.
@discardableResult
private func nft(_ arguments: String) throws -> String {
    guard let pipe = unsafe popen("nft \(arguments) 2>&1", "r") else { throw Errno(errno) }
    var output: [UInt8] = []
    while case let character = unsafe fgetc(pipe), character != EOF { output.append(UInt8(character)) }
    let status = unsafe pclose(pipe)
    let text = String(decoding: output, as: UTF8.self)
    guard status == 0 else { throw CommandFailure(description: "nft \(arguments): \(text)") }
    return text
}
