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

    mutating func note(_ occurrence: Occurrence, at moment: Nanoseconds) {
        noted += 1
        heap.append(Entry(at: moment, order: noted, slot: keep(occurrence)))
        rise(from: heap.count - 1)
    }

    mutating func take() -> (at: Nanoseconds, occurrence: Occurrence)? {
        guard let first = heap.first, let occurrence = slots[first.slot].take() else { return nil }
        free.append(first.slot)
        let last = heap.removeLast()
        if !heap.isEmpty {
            heap[0] = last
            sink()
        }
        return (first.at, occurrence)
    }

    private mutating func keep(_ occurrence: Occurrence) -> Int {
        guard let slot = free.popLast() else {
            slots.append(occurrence)
            return slots.count - 1
        }
        slots[slot] = occurrence
        return slot
    }

    private mutating func rise(from position: Int) {
        var position = position
        while position > 0, heap[position].precedes(heap[(position - 1) / 2]) {
            heap.swapAt(position, (position - 1) / 2)
            position = (position - 1) / 2
        }
    }

    private mutating func sink() {
        var position = 0
        while 2 * position + 1 < heap.count {
            var child = 2 * position + 1
            if child + 1 < heap.count, heap[child + 1].precedes(heap[child]) { child += 1 }
            guard heap[child].precedes(heap[position]) else { return }
            heap.swapAt(position, child)
            position = child
        }
    }
}
