import Control
import HTTP
import Testing

@testable import vip_switch_exporter

@Suite struct `A verdict` {
    private typealias Query = [HTTPRequest.Parameter]

    @Test func `calls a node healthy that knows a leader, whoever it is`() {
        #expect(Verdict.health(.success(report())).status == 200)
        #expect(Verdict.health(.success(report(leader: "n2"))).status == 200)
        #expect(Verdict.health(.success(report(leader: nil))).status == 503)
    }

    @Test func `calls one node the leader`() {
        #expect(Verdict.leader(.success(report())).status == 200)
        #expect(Verdict.leader(.success(report(leader: "n2"))).status == 503)
        #expect(Verdict.leader(.success(report(leader: nil))).status == 503)
        #expect(Verdict.leader(.success(report())).body.text == #"{"node":"n1","leader":"n1"}"#)
    }

    @Test func `calls one node the holder of a group`() {
        let query = [HTTPRequest.Parameter("group", "web")]
        #expect(Verdict.holder(.success(report()), query: query).status == 200)
        #expect(Verdict.holder(.success(report(leader: "n2")), query: query).status == 503)
        #expect(
            Verdict.holder(.success(report(leader: "n2")), query: query).body.text
                == #"{"node":"n1","groups":[{"name":"web","held_here":false,"holder":"n2"}]}"#
        )
    }

    @Test func `means every group where none is named`() {
        var partly = report()
        partly.groups[1].isHeldHere = false
        #expect(Verdict.holder(.success(report()), query: []).status == 200)
        #expect(Verdict.holder(.success(partly), query: []).status == 503)
        #expect(Verdict.holder(.success(partly), query: [.init("group", "web")]).status == 200)
        #expect(Verdict.holder(.success(partly), query: [.init("group", "db")]).status == 503)
    }

    @Test func `names the groups that there are`() {
        let verdict = Verdict.holder(.success(report()), query: [.init("group", "wbe")])
        #expect(verdict.status == 404)
        #expect(verdict.body.text == #"{"error":"there is no group \"wbe\"; did you mean web?","groups":["web","db"]}"#)
        var witness = report()
        witness.groups = []
        #expect(Verdict.holder(.success(witness), query: []).status == 404)
        #expect(
            Verdict.holder(.success(witness), query: []).body.text == #"{"error":"there is no group here","groups":[]}"#
        )
    }

    @Test(
        arguments: [
            ([.init("gruop", "web")], #"unknown parameter \"gruop\"; expected group=NAME"#),
            ([.init("group", "web"), .init("group", "db")], "group is given twice; expected it once"),
            ([.init("group", "")], "group is empty; expected group=NAME"),
        ] as [([HTTPRequest.Parameter], String)]
    ) func `refuses a question that means something else`(
        query: [HTTPRequest.Parameter],
        words: String
    ) {
        let verdict = Verdict.holder(.success(report()), query: query)
        #expect(verdict.status == 400)
        #expect(verdict.body.text == "{\"error\":\"\(words)\"}")
    }

    @Test func `trusts nobody who does not answer`() {
        let failure: Result<StatusReport, Problem> = .failure(Problem(reason: .silent, text: "does not answer"))
        for verdict in [
            Verdict.health(failure), .leader(failure), .holder(failure, query: []),
            .holder(failure, query: [.init("group", "web")]),
        ] {
            #expect(verdict.status == 503)
            #expect(verdict.body.text == #"{"error":"does not answer"}"#)
        }
    }
}
