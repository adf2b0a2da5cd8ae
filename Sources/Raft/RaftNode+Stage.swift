extension RaftNode {
    /// Whether it only asks so far if it would be elected (thesis §9.6); for people it is a candidate already.
    package var isPreCandidate: Bool {
        if case .preCandidate = state { return true }
        return false
    }
}
