import Control
import Elections
import Linux
import Net
import Observability
import Raft
import Time

/// Versions and keys: how this node and its peers speak.
extension Agent {
    /// Two neighbouring releases find their common version by a datagram or two that are refused: that is no news.
    private static let settling: Duration = .seconds(3)

    func isSettlingVersions(with source: Endpoint) -> Bool {
        guard let election, let node = election.member(at: source.address),
            let since = election.speech(of: node)?.foreignSince
        else { return false }
        return Clock.now().longestElapsed(since: since) < Self.settling
    }

    func describeSpeech(in report: inout StatusReport) {
        guard let election else { return }
        report.versionInUse = Int(election.versionInUse)
        report.speech.newestVersion = Int(ReleaseVersions.present.wire.newest)
        report.speech.key = election.sealingKey
        for index in report.peers.indices {
            guard let id = NodeID(report.peers[index].id), let speech = election.speech(of: id) else { continue }
            report.peers[index].speech.newestVersion = speech.newest.map(Int.init)
            report.peers[index].speech.foreignVersion = speech.foreign.map(Int.init)
            report.peers[index].speech.key = speech.key
        }
    }

    /// Whose address that is, for the line about a datagram that was refused; nobody can prove it.
    func nameOfSender(at source: Endpoint) -> LogValue {
        election?.member(at: source.address).map { LogValue($0) } ?? "unknown"
    }
}
