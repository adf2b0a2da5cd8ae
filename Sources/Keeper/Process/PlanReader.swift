import Linux
import Net
import Time

/// A plan with the name of the texts that it was made from.
package struct LoadedPlan: Hashable, Sendable {
    package var plan: KeeperPlan
    package var digest: PlanDigest

    package init(_ plan: KeeperPlan, _ digest: PlanDigest) {
        self.plan = plan
        self.digest = digest
    }
}

extension LoadedPlan {
    static let limit = KeeperPlan.Limit.encoding + 16

    func encoded() -> [UInt8] {
        var bytes: [UInt8] = []
        bytes.append(bigEndian: digest.bits)
        return bytes + plan.encoded()
    }

    init(decoding bytes: [UInt8]) throws(Malformed) {
        var offset = 0
        digest = PlanDigest(bits: try unsafe bytes.span.bytes.readUInt128(at: &offset))
        plan = try KeeperPlan(decoding: Array(bytes.dropFirst(offset)))
    }
}

/// Reads the configuration while the keeper serves, and keeps the record of addresses.
///
/// As at the start a child without capabilities does it, one at a time: neither a file that is hard to read nor a disk that
/// hangs may hold up a deadline. What is to be put on is in the record, durably, before the agent hears `prepared`.
final class PlanReader {
    /// For the child to read, and to write the record.
    static let patience = Duration.seconds(3)

    private let directory: KeeperDirectory
    private let loop: EventLoop
    private let load: () -> LoadedPlan?
    /// What speaks against following a plan now.
    private let objections: (KeeperPlan) -> [String]
    private let report: (KeeperReport) -> Void
    private var errand: AwaitedAnswer?
    /// What is done when the child of before has ended.
    private var next: (() -> Void)?
    /// What the agent wants prepared; an answer that is about another is nobody's.
    private var wanted: PlanNumber?
    private var prepared: (plan: KeeperPlan, number: PlanNumber)?
    /// What may be on, as the record has it at least.
    private var present: KeeperPlan
    private var budget = OperationBudget(perSecond: 10)

    init(
        _ present: KeeperPlan,
        _ directory: KeeperDirectory,
        on loop: EventLoop,
        load: @escaping () -> LoadedPlan?,
        objections: @escaping (KeeperPlan) -> [String],
        report: @escaping (KeeperReport) -> Void
    ) {
        (self.present, self.directory, self.loop) = (present, directory, loop)
        (self.load, self.objections, self.report) = (load, objections, report)
    }

    /// Reads, looks, writes down; `prepared` or `unprepared` comes of it.
    func prepare(_ digest: PlanDigest, _ number: PlanNumber) {
        prepared = nil
        wanted = number
        guard budget.take(at: Clock.now()) else { return refuse(number, "too many reloads a second; try again") }
        run(limit: LoadedPlan.limit, { [load] in load()?.encoded() }) { [unowned self] answer in
            guard wanted == number else { return }
            guard let answer, let loaded = try? LoadedPlan(decoding: answer) else {
                return refuse(number, "it could not read the configuration, or not within \(Self.patience)")
            }
            judge(loaded, against: digest, number)
        }
    }

    /// The plan to be followed from now on; nil where another was prepared, or none.
    func take(_ number: PlanNumber) -> KeeperPlan? {
        guard let prepared, prepared.number == number else { return nil }
        self.prepared = nil
        present = prepared.plan
        return present
    }

    /// What was prepared is not followed; the record needs none of it.
    func forget() {
        wanted = nil
        guard prepared != nil else { return }
        prepared = nil
        writeRecord()
    }

    /// Nothing is on but what the present plan has.
    func writeRecord() {
        let record = directory.record(of: [present])
        run(limit: 1, { [directory] in Self.write(record, in: directory) == nil ? [] : nil }) { _ in }
    }

    private func judge(_ loaded: LoadedPlan, against digest: PlanDigest, _ number: PlanNumber) {
        guard loaded.digest == digest else {
            return refuse(number, "the configuration has changed while it was read; try again")
        }
        let reasons = objections(loaded.plan)
        guard reasons.isEmpty else { return report(.unprepared(reasons, number)) }
        let record = directory.record(of: [present, loaded.plan])
        run(limit: 4096, { [directory] in Array((Self.write(record, in: directory) ?? "").utf8) }) {
            [unowned self] answer in
            guard wanted == number else {
                // It names what nobody will follow; the next one to be prepared writes it anew.
                if wanted == nil { writeRecord() }
                return
            }
            guard let answer else {
                return refuse(number, "the record of addresses was not written within \(Self.patience)")
            }
            guard answer.isEmpty else { return refuse(number, String(decoding: answer, as: UTF8.self)) }
            prepared = (loaded.plan, number)
            report(.prepared(digest, number))
        }
    }

    private func refuse(_ number: PlanNumber, _ reason: String) { report(.unprepared([reason], number)) }

    /// Why it could not be written; nil where it was. In the child.
    private static func write(_ record: AddressRecord, in directory: KeeperDirectory) -> String? {
        do throws(KeeperRefusal) {
            try directory.write(record)
            return nil
        } catch {
            return error.description
        }
    }

    /// One child after the other; of what waits for it only the last.
    private func run(limit: Int, _ body: @escaping () -> [UInt8]?, _ handler: @escaping ([UInt8]?) -> Void) {
        if let errand, !errand.isOver {
            let isAwaited = next != nil
            next = { [unowned self] in run(limit: limit, body, handler) }
            if !isAwaited { awaitErrand() }
            return
        }
        next = nil
        do throws(Errno) {
            errand = try AwaitedAnswer(limit: limit, within: Self.patience, on: loop, body, handler)
        } catch {
            handler(nil)
        }
    }

    /// A child that was killed at the end of our patience may take a while to end.
    private func awaitErrand() {
        guard let next, let errand else { return }
        if errand.isOver { return next() }
        loop.schedule(after: Self.glance) { [unowned self] in awaitErrand() }
    }

    private static let glance = Duration.milliseconds(20)
}
