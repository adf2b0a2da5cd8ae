import Control
import Elections
import Linux
import Net
import Observability
import Raft
import Time

/// Versions and keys: how this node and its peers speak.
extension Agent {
    /// A peer that goes back to an earlier release is spoken to in its version as soon as it was heard.
    static let settling: Duration = .seconds(3)

    func describeSpeech(in report: inout StatusReport) {
        guard let election else { return }
        report.versionInUse = Int(election.versionInUse)
        report.newestVersion = Int(ReleaseVersions.present.wire.newest)
        report.keyID = hexadecimal(election.sealingKeyID)
        for index in report.peers.indices {
            guard let id = NodeID(report.peers[index].id), let speech = election.speech(of: id) else { continue }
            report.peers[index].newestVersion = speech.newest.map(Int.init)
            report.peers[index].foreignVersion = speech.foreign.map(Int.init)
            report.peers[index].keyID = speech.keyID.map(hexadecimal)
        }
    }

    /// Whose address that is, for the line about a datagram that was refused; nobody can prove it.
    func nameOfSender(at source: Endpoint) -> LogValue {
        election?.member(at: source.address).map { LogValue($0) } ?? "unknown"
    }

    private func hexadecimal(_ id: UInt32) -> String {
        let digits = String(id, radix: 16)
        return String(repeating: "0", count: 8 - digits.count) + digits
    }
}
