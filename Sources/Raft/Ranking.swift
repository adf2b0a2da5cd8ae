extension Array {
    /// Which of them is number `place`, counted from 1, when the highest is first; nil when they are fewer.
    ///
    /// For the few of a cluster: counting who is before each needs no sorted copy.
    func ranked(_ place: Int, by value: (Element) -> some Comparable) -> Element? {
        indices.first { countBefore($0, by: value) == place - 1 }.map { self[$0] }
    }

    private func countBefore(_ index: Int, by value: (Element) -> some Comparable) -> Int {
        let own = value(self[index])
        return indices.count { other in
            let theirs = value(self[other])
            return theirs > own || theirs == own && other < index
        }
    }
}
