/// What will occur, earliest first, and of two at one moment the one that was noted first.
///
/// A binary heap of three words each; the occurrences themselves stay where they are.
struct Agenda<Occurrence> {
    private struct Entry {
        let at: Nanoseconds
        let order: Int
        let slot: Int

        func precedes(_ other: Entry) -> Bool {
            at != other.at ? at < other.at : order < other.order
        }
    }

    private var heap: [Entry] = []
    private var slots: [Occurrence?] = []
    private var free: [Int] = []
    private var noted = 0

    var next: Nanoseconds? { heap.first?.at }

    mutating func note(_ occurrence: consuming Occurrence, at moment: Nanoseconds) {
        noted += 1
        let entry = Entry(at: moment, order: noted, slot: keep(occurrence))
        heap.append(entry)
        rise(entry)
    }

    mutating func take() -> Occurrence? {
        guard let first = heap.first, let occurrence = slots[first.slot].take() else { return nil }
        free.append(first.slot)
        let last = heap.removeLast()
        if !heap.isEmpty { sink(last) }
        return occurrence
    }

    private mutating func keep(_ occurrence: consuming Occurrence) -> Int {
        guard let slot = free.popLast() else {
            slots.append(occurrence)
            return slots.count - 1
        }
        slots[slot] = occurrence
        return slot
    }

    /// From the last place up.
    private mutating func rise(_ entry: Entry) {
        var position = heap.count - 1
        while position > 0, entry.precedes(heap[(position - 1) / 2]) {
            heap[position] = heap[(position - 1) / 2]
            position = (position - 1) / 2
        }
        heap[position] = entry
    }

    /// From the first place, which is free, down.
    private mutating func sink(_ entry: Entry) {
        let count = heap.count
        var position = 0
        while 2 * position + 1 < count {
            var child = 2 * position + 1
            if child + 1 < count, heap[child + 1].precedes(heap[child]) { child += 1 }
            guard heap[child].precedes(entry) else { break }
            heap[position] = heap[child]
            position = child
        }
        heap[position] = entry
    }
}
