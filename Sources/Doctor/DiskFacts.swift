internal import Time

/// Where the node keeps its votes, and how long a small durable write takes there.
package struct DiskFacts: Hashable, Sendable {
    package enum FileSystem: String, Hashable, Sendable {
        case tmpfs
        case overlay
        case nfs
        case other
    }

    package var directory: String
    /// False for a folder that the agent is still to make.
    package var exists = true
    /// Each write with its `fdatasync(2)`.
    package var writes: [Duration] = []
    /// Why the trial came to an end before its time.
    package var failure: String?
    package var isReadOnly = false
    package var freeBytes: Int64?
    /// Nil on file systems that have no such number.
    package var freeInodes: Int64?
    package var fileSystem = FileSystem.other

    package init(directory: String) { self.directory = directory }

    /// Of the sorted writes; nil without any.
    package var median: Duration? { writes.isEmpty ? nil : writes.sorted()[writes.count / 2] }
    package var worst: Duration? { writes.max() }

    /// The log file is bounded; this is for it and for what else may write there.
    private static let littleSpace: Int64 = 16 << 20
    private static let fewInodes: Int64 = 64
    /// A vote waits for one, and an election for two of them one after the other.
    private static let slowMedian: Duration = .milliseconds(10)
    private static let slowWorst: Duration = .milliseconds(100)
}

extension DiskFacts {
    var findings: [Finding] {
        guard exists else { return [topic.ok("it is not there yet; the agent makes it")] }
        return [failureFinding ?? speed, kind, space].compactMap(\.self)
    }

    private var topic: Topic { Topic(.disk, directory) }

    private var failureFinding: Finding? {
        if isReadOnly {
            return topic.error(
                "its file system is mounted read-only",
                do: "remount it for writing, or choose another node.data_dir"
            )
        }
        guard let failure else { return nil }
        let isFull = freeBytes.map { $0 < 4096 } == true || freeInodes == 0
        return topic.error(
            "a durable write fails: \(failure)",
            do: isFull ? "make room on its file system" : "see to the folder's owner and to the disk"
        )
    }

    private var speed: Finding? {
        guard let median, let worst else { return nil }
        let figures = "\(writes.count) durable writes took \(readable(median)), \(readable(worst)) at worst"
        guard median > Self.slowMedian || worst > Self.slowWorst else { return topic.ok(figures) }
        return topic.warning(
            figures + ": votes wait for them, and so does a failover",
            do: "put data_dir on a faster disk, or see what else writes to this one"
        )
    }

    private var kind: Finding? {
        switch fileSystem {
        case .other: nil
        case .tmpfs:
            topic.warning(
                "it is on a tmpfs: with each boot the node has lost its votes and joins as a new one",
                do: "put node.data_dir on a disk"
            )
        case .overlay:
            topic.warning(
                "it is in a container's layer, which goes with the container, and the node's votes with it",
                do: "mount a volume there"
            )
        case .nfs:
            topic.warning(
                "it is on NFS: when the server is away the node can neither vote nor lead",
                do: "put node.data_dir on a local disk"
            )
        }
    }

    private var space: Finding? {
        if let freeInodes, freeInodes < Self.fewInodes {
            return .warning(
                .space,
                directory,
                "\(freeInodes) inodes are left on its file system",
                do: "remove files there: when none is left the state cannot be written"
            )
        }
        guard let freeBytes else { return nil }
        let free = freeBytes < 1 << 20 ? "\(freeBytes >> 10) KiB" : "\(freeBytes >> 20) MiB"
        guard freeBytes < Self.littleSpace else { return .ok(.space, directory, "\(free) are free") }
        return .warning(
            .space,
            directory,
            "\(free) are free on its file system",
            do: "make room: when it is full the node gives up"
        )
    }
}
