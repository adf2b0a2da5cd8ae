import Raft
import Testing

@testable import Agent

@Suite struct `A leader that watches its peers` {
    private let peers = ["n2", "n3"].compactMap { NodeID($0) }

    private func report(silent: Int...) -> [(id: NodeID, isSilent: Bool)] {
        peers.enumerated().map { (id: $1, isSilent: silent.contains($0)) }
    }

    @Test func `tells once who fell silent, and once who is back`() {
        var watch = PeerWatch()
        let first = watch.look(at: report(silent: 1))
        let second = watch.look(at: report(silent: 1))
        let third = watch.look(at: report())
        #expect(first.lost == [peers[1]] && first.back.isEmpty)
        #expect(second.lost.isEmpty && second.back.isEmpty)
        #expect(third.lost.isEmpty && third.back == [peers[1]])
    }

    @Test func `does not take one that was removed for one that is back`() {
        var watch = PeerWatch()
        _ = watch.look(at: report(silent: 1))
        let news = watch.look(at: [report()[0]])
        #expect(news.lost.isEmpty && news.back.isEmpty)
    }

    @Test func `says nothing while all are heard`() {
        var watch = PeerWatch()
        let news = watch.look(at: report())
        #expect(news.lost.isEmpty && news.back.isEmpty)
    }
}
