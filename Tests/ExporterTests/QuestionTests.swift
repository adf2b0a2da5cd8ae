import Control
import Testing
import Time

@testable import vip_switch_exporter

@Suite struct `An answer` {
    private func observation(_ took: Duration) -> Observation<StatusReport> {
        var observation = observed(report())
        observation.took = took
        return observation
    }

    @Test(arguments: [(1, 250), (12, 250), (20, 400), (40, 800), (300, 1000)])
    func `is good for a quarter of a second, and longer where it was slow in coming`(took: Int, good: Int) {
        #expect(Question.status.goodFor(observation(.milliseconds(took))) == .milliseconds(good))
    }

    @Test func `that did not come is asked for again soon`() {
        var failure = failed(.silent)
        failure.took = .seconds(1)
        #expect(Question.status.goodFor(failure) == .milliseconds(250))
    }

    @Test(arguments: ControlQuestion.Failure.allCases)
    func `that did not come has a reason that is counted`(failure: ControlQuestion.Failure) {
        guard case .failure(let problem) = Question.status.result(.failure(failure, "why")) else {
            Issue.record("no failure")
            return
        }
        #expect(problem.reason.rawValue == failure.rawValue)
        #expect(problem.text == "why")
    }
}
