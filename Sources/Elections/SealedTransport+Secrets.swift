extension SealedTransport {
    /// From now on the first of these seals, and all open.
    ///
    /// What is known of the peers' runs stays, and so do counters and windows: a datagram that was heard is not heard again
    /// under another key, and nobody has to be introduced anew.
    package mutating func replaceSecrets(_ secrets: [ClusterSecret]) {
        precondition(!secrets.isEmpty, "a transport without a secret")
        self.secrets = secrets
        for hash in peers.keys { peers[hash]?.replaceKeys(of: id, secrets: secrets) }
    }
}
