import Configuration
import Control
import Elections
import Failover
import Keeper
import Linux
import Net
import Observability
import Raft
import Runner
import Time

/// Reading the configuration anew while everything goes on.
///
/// Three processes have to go by the same: this one, the keeper and the runner, and each reads the files for itself. So it
/// goes in two steps. First all of them read and check, and name what they have read by its digest; whoever finds a mistake,
/// or something else than the others, has the whole refused. Only then they are told to follow, which cannot fail.
extension Agent {
    /// For the child to read and check: a resolver or a disk may take its time.
    private static let readingPatience = Duration.seconds(6)
    /// For keeper and runner.
    private static let preparingPatience = Duration.seconds(5)
    /// For what is old to be off before the answer leaves without it.
    private static let settlingPatience = Duration.seconds(3)
    /// For keeper and runner to say that they go by it. The keeper may be in the middle of thousands of VIPs.
    private static let followingPatience = Duration.seconds(2)
    /// Less than a client waits.
    private static let answerPatience = Duration.seconds(14)
    private static let mostWaiting = 8
    /// So many groups, those that are gone included, may ever have been known.
    private static let longestRoster = 512

    func reload(_ reply: @escaping Reload.Reply) {
        guard ending == nil else { return reply(.refused(["the agent is stopping"])) }
        guard reload == nil else {
            // One more reading does for all who ask meanwhile: each has what was written before it asked.
            guard waitingReloads.count < Self.mostWaiting else {
                return reply(.refused(["\(Self.mostWaiting) reloads wait already; try again"]))
            }
            return waitingReloads.append(reply)
        }
        begin([reply])
    }

    /// What `vip-switch reload` asks for; the files are this node's, so nobody orders it from elsewhere.
    func reload(of orderer: Orderer, then completion: @escaping (ControlAnswer) -> Void) {
        guard case .here = orderer else { return completion(.refused("a node reloads by an order given there")) }
        reload { outcome in
            switch outcome {
            case .done(let changes): completion(.done(changes))
            case .refused(let reasons): completion(.mistakes(reasons))
            }
        }
    }

    private func begin(_ replies: [Reload.Reply]) {
        reloads += 1
        let number = reloads
        reload = Reload(number: number, began: Clock.now(), replies: replies)
        tellReloading()
        let (options, running, hasJoined) = (options, configuration, hasJoined)
        do throws(Errno) {
            _ = try AwaitedAnswer(
                limit: ReloadReading.limit,
                within: Self.readingPatience,
                on: loop,
                { ReloadReading(options, from: running, hasJoined: hasJoined).encoded() }
            ) { [weak self] answer in
                guard let self, reload?.number == number, reload?.candidate == nil else { return }
                hear(answer)
            }
        } catch {
            refuseReload(["cannot fork a process to read the configuration: \(error)"])
        }
    }

    private func hear(_ answer: [UInt8]?) {
        guard let answer, let reading = try? ReloadReading(decoding: answer) else {
            return refuseReload(["the configuration could not be read within \(Self.readingPatience)"])
        }
        guard reading.errors.isEmpty else { return refuseReload(reading.errors) }
        guard let configuration = reading.configuration, !reading.secrets.isEmpty else {
            return refuseReload(["the process that reads the configuration ended before its time; try again"])
        }
        guard roster(with: configuration).count <= Self.longestRoster else {
            return refuseReload(["too many groups have come and gone since the agent began; restart it"])
        }
        let keys = reading.secrets == election?.secrets ? [] : ["keys: changed"]
        prepare(
            Reload.Candidate(
                configuration: configuration,
                secrets: reading.secrets,
                digest: reading.digest,
                warnings: reading.warnings,
                changes: reading.changes + keys
            )
        )
    }

    private func prepare(_ candidate: Reload.Candidate) {
        reload?.candidate = candidate
        guard let number = reload?.number else { return }
        links.keeper.send(.prepare(PlanDigest(bits: candidate.digest.bits), PlanNumber(number)))
        guard links.runner?.prepare(candidate.digest, number: number) == true else {
            return refuseReload(["the runner is gone"])
        }
        after(Self.preparingPatience, unless: \.isAdopted) { agent in
            let late = agent.reload?.unprepared.map(\.rawValue).joined(separator: " and ") ?? ""
            agent.refuseReload(["\(late) did not read the configuration within \(Self.preparingPatience)"])
        }
    }

    func hear(prepared follower: Reload.Follower, number: UInt64) {
        reload?.note(prepared: follower, number: number)
        adoptIfReady()
    }

    func hear(unprepared follower: Reload.Follower, _ reasons: [String], number: UInt64) {
        guard reload?.isRefused(byAnswerTo: number) == true else { return }
        refuseReload(reasons.map { "\(follower.rawValue): \($0)" })
    }

    /// Every reason, and everything stays as it is.
    private func refuseReload(_ reasons: [String]) {
        guard let reload, !reload.isAdopted else { return }
        if reload.candidate != nil { links.keeper.send(.forget) }
        log.write(.reloadRefused, ["mistakes": .list(reasons)])
        finish(.refused(reasons))
    }

    private func finish(_ outcome: ReloadOutcome) {
        guard reload != nil else { return }
        answer(outcome)
        reload = nil
        if ending == nil { tellReady() }
        let waiting = waitingReloads
        waitingReloads = []
        if ending == nil, !waiting.isEmpty { begin(waiting) }
    }

    /// Everybody who has asked for it, once.
    private func answer(_ outcome: ReloadOutcome) {
        let replies = reload?.replies ?? []
        reload?.replies = []
        for reply in replies { reply(outcome) }
    }

    /// Unless another reload has begun by then.
    private func after(
        _ time: Duration,
        unless isOver: @escaping (Reload) -> Bool,
        _ act: @escaping (Agent) -> Void
    ) {
        let number = reload?.number
        loop.schedule(after: time) { [unowned self] in
            guard let reload, reload.number == number, !isOver(reload) else { return }
            act(self)
        }
    }
}

// MARK: - Following

extension Agent {
    private func adoptIfReady() {
        guard let reload, reload.unprepared.isEmpty, !reload.isAdopted, let candidate = reload.candidate else {
            return
        }
        self.reload?.isAdopted = true
        let (before, after) = (settledReserve ?? configuration.reserve, candidate.configuration.reserve)
        settledReserve = after
        guard after > before else { return adopt(candidate) }
        // What takes longer to take off must not be on under a lease that reckons with less: such a lease ends first.
        election?.reckon(withdrawal: after)
        guard let lease = election?.status.lease else { return adopt(candidate) }
        answerBefore(lease, candidate)
        loop.schedule(.both(lease)) { [unowned self] in adopt(candidate) }
    }

    /// A lease may last a minute, and no client waits that long.
    private func answerBefore(_ lease: Instant, _ candidate: Reload.Candidate) {
        guard let began = reload?.began else { return }
        let left = Deadline.both(lease).remaining(at: Clock.now())
        let soonest = Clock.now().longestElapsed(since: began) + left + Self.settlingPatience
        guard soonest > Self.answerPatience else { return }
        let seconds = left.nanoseconds / 1_000_000_000 + 1
        let words = "followed in \(seconds) s, when the lease is over that reckons with fewer VIPs"
        answer(.done(candidate.changes + [words]))
    }

    private func adopt(_ candidate: Reload.Candidate) {
        guard ending == nil, let number = reload?.number else {
            return finish(.refused(["the agent is stopping"]))
        }
        let (old, new) = (configuration, candidate.configuration)
        formerVIPs.formUnion(old.groups.flatMap(\.vips).map(\.prefix.address))
        links.keeper.follow(removal: max(old.removal, new.removal))
        links.keeper.send(.adopt(PlanNumber(number)))
        links.runner?.adopt(number: number)
        configuration = new
        roster = roster(with: new)
        followLogging(old)
        for warning in candidate.warnings { log.write(.configurationWarning, ["warning": LogValue(warning)]) }
        log.write(.reloaded, ["changes": .list(candidate.changes)])
        followElection(old, candidate.secrets)
        failover.setHookCooldown(new.hooks.cooldown)
        feed(.reconfigured(new.failoverGroups, upDelay: new.upDelay))
        forgetParts()
        expectFollowing(candidate)
    }

    private func expectFollowing(_ candidate: Reload.Candidate) {
        after(Self.followingPatience, unless: \.stragglers.isEmpty) { agent in
            // What came while this process was stopped is heard first.
            agent.after(.milliseconds(100), unless: \.stragglers.isEmpty) { $0.loseStragglers() }
        }
        after(Self.settlingPatience, unless: { _ in false }) { agent in
            agent.finish(.done(candidate.changes + ["VIPs are still being put on or taken off"]))
        }
    }

    func hear(following follower: Reload.Follower, number: UInt64) {
        reload?.note(following: follower, number: number)
        finishIfSettled()
    }

    /// Processes that go by two configurations do neither: all of them begin anew with the next start.
    private func loseStragglers() {
        let names = reload?.stragglers.map(\.rawValue).joined(separator: " and ") ?? ""
        log.write(.reloadNotFollowed, ["by": LogValue(names)])
        end(exitCode: .failure)
        finish(
            .refused([
                "\(names) has read the configuration and does not say that it follows it: the agent hands over and "
                    + "stops, and goes by it when it is started again"
            ])
        )
    }

    /// Where a runner has the same: a group keeps its number, and its VIPs for the last hook once it is gone.
    private func roster(with configuration: Configuration) -> [GroupSettings] {
        let new = configuration.groups
        return roster.map { old in new.first { $0.name == old.name } ?? old }
            + new.filter { group in !roster.contains { $0.name == group.name } }
    }

    private func followLogging(_ old: Configuration) {
        log.level = LogLevel(configuration.logging.level)
        log.format = LogFormat(configuration.logging.format)
        guard old.logging.output != configuration.logging.output else { return }
        log.showsPriority = configuration.logging.output == nil && StandardStream.isJournal
        links.moveLog(to: configuration.logging.output)
    }

    private func followElection(_ old: Configuration, _ secrets: [ClusterSecret]) {
        let timing = configuration.cluster.timing
        if old.cluster.timing != timing {
            election?.wish(for: ClusterTiming(heartbeat: timing.heartbeat, promise: timing.promise))
        }
        if old.cluster.nodes != configuration.cluster.nodes, let nodes = configuration.electionSettings?.nodes {
            election?.know(nodes)
        }
        election?.replaceSecrets(secrets)
        rank()
    }

    /// What was told of parts that are no more.
    private func forgetParts() {
        let names = Set(configuration.groups.flatMap(\.parts).map(\.name))
        contests = contests.filter { names.contains($0.key) }
        tallies = tallies.filter { names.contains($0.key) }
    }

    /// Nothing is on any more but what the configuration has.
    func settleReload() {
        links.keeper.follow(removal: configuration.removal)
        if let reserve = settledReserve { election?.reckon(withdrawal: reserve) }
        settledReserve = nil
        formerVIPs = []
        reload?.noteSettled()
        finishIfSettled()
    }

    private func finishIfSettled() {
        guard let reload, reload.isSettled, reload.stragglers.isEmpty, let candidate = reload.candidate else { return }
        finish(.done(candidate.changes.isEmpty ? ["nothing has changed"] : candidate.changes))
    }
}
