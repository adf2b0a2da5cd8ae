import Control
import Elections
import Linux
import Net
import Observability
import Raft
import Time

/// Versions and keys: how this node and its peers speak.
extension Agent {
    /// A node that goes back to an earlier release is spoken to in its version as soon as it was heard.
    static let settling: Duration = .seconds(3)

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
