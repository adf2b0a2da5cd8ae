/// What is said of a peer that cannot be understood.
extension StatusReport.Peer {
    /// Nil where there is nothing to be said.
    func foreignSpeech(newest: Int?) -> String? {
        guard let foreignVersion, let newest else { return nil }
        let isAhead = foreignVersion > newest
        return "Peer \(plain(id)) speaks datagrams of version \(foreignVersion), and this node up to \(newest): "
            + (isAhead ? "upgrade this node, one release after the other\n" : "upgrade \(plain(id))\n")
    }
}
