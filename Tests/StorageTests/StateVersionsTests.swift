import Net
import Raft
import Testing
import Time

@testable import Storage

@Suite struct `The state of a release` {
    private static let storage = StorageID(0x5eed)
    private static let content = StateFile.Content(
        version: 4,
        storage: storage,
        hardState: HardState(
            term: Term(3),
            vote: NodeID("n1"),
            longestPromise: .milliseconds(250),
            cluster: ClusterID(9)
        )
    )

    @Test(arguments: UInt16(1)...6) func `is read by the release before and by the one that follows`(newest: UInt16)
        throws
    {
        let writer = StateVersions(newest: newest)
        let state = StateFile.image(Self.content, in: writer)
        let log = EntryFile.image(Self.storage, Log(), in: writer)
        for other in newest - (newest > 1 ? 1 : 0)...newest + 1 {
            let reader = StateVersions(newest: other)
            #expect(try StateFile.content(of: state, in: reader) == Self.content)
            #expect(try EntryFile.log(of: log, storage: Self.storage, in: reader) == Log())
        }
    }

    @Test func `of two releases ahead is named and not read`() {
        let state = StateFile.image(Self.content, in: StateVersions(newest: 3))
        let log = EntryFile.image(Self.storage, Log(), in: StateVersions(newest: 3))
        #expect(throws: StoredFault.otherFormat(2)) { try StateFile.content(of: state) }
        #expect(throws: StoredFault.otherFormat(3)) { try EntryFile.log(of: log, storage: Self.storage) }
    }
}
