package import Linux
import Time

/// The lock of a data directory, which its keeper has as long as it runs.
package enum KeeperLock {
    /// Tries once; for the keeper, and for whoever changes something while no agent may run.
    package static func take(in folder: String) throws(Errno) -> FileLock.Outcome {
        try FileLock.acquire(path(in: folder))
    }

    static func path(in folder: String) -> String { "\(folder)/lock" }
}

/// The data directory: whoever has its lock is the one keeper there, and may touch what the record names.
final class KeeperDirectory {
    /// How long a quick restart waits for the old keeper to end.
    static let patience = Duration.seconds(5)

    let path: String
    private let lock: FileLock
    private let boot: String

    init(_ path: String, patience: Duration = patience) throws(KeeperRefusal) {
        self.path = path
        try Self.create(path)
        lock = try Self.lock(path, patience)
        boot = Self.currentBoot
    }

    /// The folder itself is made; what it stands in is the administrator's.
    private static func create(_ path: String) throws(KeeperRefusal) {
        guard (try? FileStatus(of: path)) == nil else { return }
        do throws(Errno) {
            try Folder.create(path)
        } catch {
            throw Self.cannot("create", path, error)
        }
    }

    private static func lock(_ path: String, _ patience: Duration) throws(KeeperRefusal) -> FileLock {
        let end = Clock.now() + patience
        while true {
            var holder: Int32 = 0
            do throws(Errno) {
                switch try KeeperLock.take(in: path) {
                case .acquired(let lock): return lock
                case .held(by: let pid): holder = pid
                }
            } catch {
                throw Self.cannot("open", KeeperLock.path(in: path), error)
            }
            guard !Deadline.timer(end).hasPassed(at: Clock.now()) else { throw Self.isInUse(path, by: holder) }
            Clock.sleep(for: .milliseconds(20))
        }
    }

    private static func isInUse(_ path: String, by holder: Int32) -> KeeperRefusal {
        let process = holder == 0 ? "a process of another container" : "process \(holder)"
        return KeeperRefusal(
            "\(path) is in use by \(process); stop that one first, or give this node another `node.data_dir`"
        )
    }

    private static func cannot(_ act: String, _ object: String, _ errno: Errno) -> KeeperRefusal {
        let nextStep =
            switch errno {
            case .noEntry: "; create the folder that it stands in"
            case .accessDenied, .notPermitted: "; `node.data_dir` must belong to \(User.effective.name)"
            case .noSpace: "; make room there"
            default: ""
            }
        return KeeperRefusal("cannot \(act) \(object): \(errno)\(nextStep)")
    }

    private static var currentBoot: String {
        let bytes = try? DurableFile.read("/proc/sys/kernel/random/boot_id", limit: 64)
        return String(decoding: (bytes ?? []).prefix { $0 > 0x20 }, as: UTF8.self)
    }
}

// MARK: - The record

extension KeeperDirectory {
    private var recordPath: String { "\(path)/addresses" }

    /// What an earlier run of this boot may have left; nil where there is no record that could be read.
    func record() throws(KeeperRefusal) -> AddressRecord? {
        do throws(Errno) {
            guard let bytes = try DurableFile.read(recordPath, limit: AddressRecord.limit),
                let record = try? AddressRecord(bytes)
            else { return nil }
            return record.boot == boot ? record : AddressRecord(boot: boot, entries: [])
        } catch {
            throw Self.cannot("read", recordPath, error)
        }
    }

    /// Durably, before anything of it is put on.
    func write(recordOf plan: KeeperPlan) throws(KeeperRefusal) {
        try write(AddressRecord(boot: boot, plan: plan))
    }

    /// Nothing is left, and what appears from now on is not ours.
    func clearRecord() throws(KeeperRefusal) {
        try write(AddressRecord(boot: boot, entries: []))
    }

    /// Of all that these plans may put on.
    func record(of plans: [KeeperPlan]) -> AddressRecord {
        let entries = plans.map { AddressRecord(boot: boot, plan: $0).entries }
        return AddressRecord(boot: boot, entries: entries.reduce(into: []) { $0.formUnion($1) })
    }

    func write(_ record: AddressRecord) throws(KeeperRefusal) {
        do throws(Errno) {
            try DurableFile.replace(recordPath, with: record.bytes)
        } catch {
            throw Self.cannot("write", recordPath, error)
        }
    }
}
