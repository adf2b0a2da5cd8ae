import Control
import Storage
import Testing

@testable import Agent

private func entry(_ number: Int) -> HistoryEntry {
    HistoryEntry(
        time: "2026-03-01T12:34:56.789Z",
        clock: Double(number),
        node: "n1",
        term: 7,
        level: "notice",
        event: "leading",
        message: "leading"
    )
}

@Suite struct `A book of the history` {
    @Test func `keeps the latest thousand`() {
        var book = HistoryBook(["old"])
        for number in 0..<3000 {
            book.add(entry(number))
            if let batch = book.takeBatch(upTo: .max) {
                #expect(!batch.isEmpty)
                _ = book.finishBatch(lost: 0)
            }
        }
        let latest = book.latest(2000)
        #expect(latest.count == HistoryBook.capacity)
        #expect(latest.last == entry(2999).value.text)
        #expect(latest.first == entry(2000).value.text)
        #expect(book.entries.count < HistoryBook.capacity * 2)
        #expect(book.lost == 0)
    }

    @Test func `hands over whole lines, a batch at a time`() {
        var book = HistoryBook()
        for number in 0..<10 { book.add(entry(number)) }
        let line = HistoryFile.line(entry(0).value.text)?.count ?? 0
        let first = book.takeBatch(upTo: line * 3 + 2)
        let early = book.takeBatch(upTo: .max)
        let isMore = book.finishBatch(lost: 0)
        let second = book.takeBatch(upTo: .max)
        let isStillMore = book.finishBatch(lost: 0)
        let third = book.takeBatch(upTo: .max)
        #expect(first.map { HistoryFile.read($0).entries.count } == 3)
        #expect(early == nil)
        #expect(second.map { HistoryFile.read($0).entries.count } == 7)
        #expect(isMore && !isStillMore)
        #expect(third == nil)
    }

    @Test func `hands over the rest at the end, answered or not`() {
        var book = HistoryBook()
        book.add(entry(0))
        let first = book.takeBatch(upTo: .max)
        book.add(entry(1))
        let early = book.takeBatch(upTo: .max)
        let last = book.takeBatch(upTo: .max, isLast: true)
        #expect(first != nil)
        #expect(early == nil)
        #expect(last.map { HistoryFile.read($0).entries } == [entry(1).value.text])
    }

    @Test func `counts what a full disk and a slow one lose, and answers all the same`() {
        var book = HistoryBook()
        book.add(entry(0))
        _ = book.takeBatch(upTo: .max)
        for number in 1...HistoryBook.mostPending + 5 { book.add(entry(number)) }
        let whileSlow = book.lost
        let isMore = book.finishBatch(lost: 1)
        #expect(whileSlow == 5)
        #expect(isMore)
        #expect(book.lost == 6)
        #expect(book.latest(1).first == entry(HistoryBook.mostPending + 5).value.text)
    }
}
