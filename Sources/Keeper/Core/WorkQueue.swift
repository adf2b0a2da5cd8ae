import Net

/// VIPs that wait for the kernel, each once, in the order in which they came.
///
/// Taking a batch costs what the batch costs, however many wait: ten thousand leave in hundreds of batches.
struct WorkQueue: Hashable, Sendable {
    /// Those before `head` are done with.
    private var items: [Prefix] = []
    private var head = 0
    private var members: Set<Prefix> = []

    var isEmpty: Bool { head == items.count }
    var count: Int { items.count - head }
    /// What waits, from the next to the last.
    var waiting: ArraySlice<Prefix> { items[head...] }

    /// What waits already keeps its place.
    mutating func append(_ prefixes: some Sequence<Prefix>) {
        for prefix in prefixes where members.insert(prefix).inserted { items.append(prefix) }
    }

    /// Begins anew with all of these.
    mutating func fill(with prefixes: [Prefix]) {
        items = prefixes
        head = 0
        members = Set(prefixes)
    }

    /// The next ones, which wait no longer.
    mutating func take(_ limit: Int) -> [Prefix] {
        let batch = Array(waiting.prefix(limit))
        head += batch.count
        for prefix in batch { members.remove(prefix) }
        if isEmpty { self = WorkQueue() }
        return batch
    }

    func contains(_ prefix: Prefix) -> Bool { members.contains(prefix) }

    mutating func removeAll(where isDone: (Prefix) -> Bool) {
        let kept = waiting.filter { !isDone($0) }
        guard kept.count < count else { return }
        fill(with: Array(kept))
    }
}
