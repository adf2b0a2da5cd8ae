import Simulator
import Testing

/// Scripts are read and judged as those of etcd's raft are; the cluster commands have the transcripts of RaftTests.
@Suite struct `A script` {
    private func outputs(_ script: String, isRewriting: Bool = false) -> [ScriptRun.Output] {
        var run = ScriptRun(of: "here", isRewriting: isRewriting)
        var outputs = script.split(separator: "\n", omittingEmptySubsequences: false).flatMap {
            run.take(String($0))
        }
        outputs += run.finish()
        return outputs
    }

    @Test func `that expects nothing is a transcript when it has run`() {
        let script = """
            # Two of three have 100.
            committed cfg=(1,2,3) idx=(100,101,_)

            vote cfg=(1, 2, 3) \\
              votes=(y, n, _)
            ----

            print
            a
            """
        let transcript = """
            # Two of three have 100.
            committed cfg=(1,2,3) idx=(100,101,_)
            ----
            100

            vote cfg=(1, 2, 3) \\
              votes=(y, n, _)
            ----
            VotePending

            print
            a
            ----
            a

            """
        #expect(outputs(script).map(\.text).joined(separator: "\n") == transcript)
        #expect(outputs(transcript) == [])
    }

    @Test func `runs to its end and tells each difference`() {
        let script = """
            vote cfg=(1,2) votes=(y,y)
            ----
            VoteLost

            vote
            ----
            VoteWon

            committed cfg=(1) idx=(12)
            ----
            13
            """
        #expect(
            outputs(script) == [
                .difference([
                    "here:1: not what was expected", "vote cfg=(1,2) votes=(y,y)", "---- expected", "VoteLost",
                    "---- actual", "VoteWon", "",
                ]),
                .difference([
                    "here:9: not what was expected", "committed cfg=(1) idx=(12)", "---- expected", "13",
                    "---- actual", "12", "",
                ]),
            ]
        )
    }

    @Test func `has output with blank lines between two separators and two`() {
        let script = """
            print
            first
            ----
            ----
            first
            ----
            ----

            vote
            ----
            VoteWon
            """
        #expect(outputs(script) == [])
    }

    @Test func `is rewritten whole, with what came out`() {
        let script = """
            # Nobody has voted.
            vote cfg=(1) votes=(_)
            ----
            VoteWon

            # The end.
            """
        let rewritten = script.replacing("VoteWon", with: "VotePending")
        #expect(outputs(script, isRewriting: true).map(\.text).joined(separator: "\n") == rewritten)
    }

    /// Or a mistake in one line would cost the script that line.
    @Test func `keeps when it is rewritten what could not be done`() {
        let script = """
            # What may it be?
            foo
            ----
            bar

            """
        #expect(
            outputs(script, isRewriting: true) == [
                .fault("here:2: there is no command 'foo'"),
                .transcript(["# What may it be?", "foo", "----", "bar", ""]),
            ]
        )
    }

    @Test func `draws who has what when it is asked to`() {
        var run = ScriptRun(of: "here", isDrawing: true)
        let lines = ["committed cfg=(3,2,1) idx=(103,_,12)", "----", "       idx", "x>      12    (id=1)"]
        let rest = ["?        0    (id=2)", "xx>    103    (id=3)", "12", ""]
        #expect((lines + rest).flatMap { run.take($0) } == [])
        #expect(run.blocks == 1)
    }

    @Test(arguments: [
        ("foo", "here:1: there is no command 'foo'"),
        (
            "vote cfg=(1) cfgj=(2) votes=(y,y)",
            "here:1: cfgj=: there are no joint configurations here; memberships change by one voter at a time"
        ),
        (
            "committed cfg=(1,2) idx=(7)",
            "here:1: idx= has 1 values for 2 voters; one of whom nothing is known is _"
        ),
        ("committed cfg=(1) idx=(0)", "here:1: idx=: 0 is no index; a voter of whom nothing is known is _"),
        ("committed cfg=(a) idx=(7)", "here:1: cfg= takes whole numbers, found 'a'"),
        ("committed cfg=(1) idx=(7) votes=(y)", "here:1: committed takes no 'votes='"),
        ("committed cfg=(1) cfg=(2) idx=(7,8)", "here:1: cfg= is there twice"),
        ("committed cfg=(1 idx=(7)", "here:1: a ')' is missing"),
        ("vote cfg=(1) votes=(x)", "here:1: votes= takes y, n and _, found 'x'"),
        ("vote cfg=(1) votes=(y)\nand more", "here:1: vote takes no input; a blank line or ---- ends the block"),
        ("----", "here:1: ---- without a command before it"),
        ("\nvote\n----\n----\nVoteWon", "here:5: the output that begins with two ---- is not ended by two"),
        ("campaign", "here:1: campaign needs the number of a node"),
        ("campaign 1", "here:1: there is no node 1; add-nodes has made 0"),
        ("advance 5", "here:1: '5' is no duration; expected one such as 50ms, 1.5s or 200us"),
        ("add-nodes 11", "here:1: there may be 10 nodes, and there are 0"),
        ("add-nodes 3 voters=(1,2,11)", "here:1: nodes have numbers from 1 to 10, found 11"),
        ("add-nodes 3 voters=(1,2,3) prevote=false", "here:1: prevote= is always true here, found 'false'"),
        ("add-nodes 3 voters=(1,2,3) inflight=3", "here:1: add-nodes takes no 'inflight='"),
        (
            "add-nodes 1 voters=(1)\n----\n1 became StateFollower Term:0 Lead:0\n\nrestart 1 log=(2)",
            "here:5: a log of term 2 needs term= as high"
        ),
        (
            "add-nodes 1 voters=(1)\n----\n1 became StateFollower Term:0 Lead:0\n\ndeliver-msgs 1 drop=(1)",
            "here:5: 1 is both to hear and not to"
        ),
        (
            "add-nodes 1 voters=(1)\n----\n1 became StateFollower Term:0 Lead:0\n\npropose-conf-change 1 v2 v3",
            "here:5: memberships change by one step at a time, such as v4, l4 or r4; found 2"
        ),
        ("log-level loud", "here:1: log-level is none, info or debug, found 'loud'"),
    ]) func `that cannot be read or done is told where and why`(script: String, reason: String) {
        #expect(outputs(script) == [.fault(reason)])
    }

    /// A voter that is named twice is one voter, and one of whom nothing is known may vote either way.
    @Test(arguments: [
        ("committed", "∞"), ("committed cfg=(1,1,2) idx=(5,7)", "5"), ("committed cfg=1 idx=12", "12"),
        ("committed cfg=(1,2,3) idx=(12,5,6)", "6"), ("committed cfg=(1,2,3,4,5) idx=(101,104,103,103,_)", "103"),
        ("vote", "VoteWon"), ("vote cfg=(4,8) votes=(n,_)", "VoteLost"),
        ("vote cfg=(2,4,7) votes=(n,_,_)", "VotePending"),
        ("vote cfg=(1,2,3,4,5,6,7) votes=(y,y,n,y,_,n,y)", "VoteWon"),
    ]) func `asks for the arithmetic of majorities`(command: String, answer: String) {
        #expect(outputs(command) == [.transcript([command, "----", answer, ""])])
    }
}
