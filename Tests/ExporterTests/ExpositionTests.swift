import Observability
import Testing

@testable import vip_switch_exporter

@Suite struct `The text format` {
    @Test func `has help and type before the samples`() {
        var text = Exposition()
        text.add(.gauge("x_seconds", by: "a", "b", help: "What it is."), [Sample(1.5, "p", "q"), Sample(2, "r", "s")])
        text.add(.counter("y", help: "More."), 7)
        #expect(
            text.text == """
                # HELP vip_switch_x_seconds What it is.
                # TYPE vip_switch_x_seconds gauge
                vip_switch_x_seconds{a="p",b="q"} 1.5
                vip_switch_x_seconds{a="r",b="s"} 2
                # HELP vip_switch_y_total More.
                # TYPE vip_switch_y_total counter
                vip_switch_y_total 7

                """
        )
    }

    @Test(arguments: [
        (#"a"b"#, #"a\"b"#), (#"a\b"#, #"a\\b"#), ("a\nb", #"a\nb"#), ("a\r\nb", "a\r\\nb"),
        ("{a=\"1\"} 2", #"{a=\"1\"} 2"#),
        ("ü✓", "ü✓"), ("", ""),
    ]) func `lets no label break its line`(label: String, written: String) {
        var text = Exposition()
        text.add(.gauge("x", by: "l", help: "h"), [Sample(1, label)])
        #expect(text.text.split(separator: "\n", omittingEmptySubsequences: false).count == 4)
        #expect(text.text.hasSuffix("\nvip_switch_x{l=\"\(written)\"} 1\n"))
    }

    @Test func `lets no help break its line`() {
        #expect(Exposition.escaped("a\\b\n\"c\"", quotes: false) == #"a\\b\n"c""#)
    }

    @Test func `writes no metric without a sample, and none twice with the same labels`() {
        var text = Exposition()
        text.add(.gauge("x", help: "h"), [])
        text.add(.gauge("y", help: "h"), Double?.none)
        #expect(text.text == "")
        text.add(.gauge("z", by: "l", help: "h"), [Sample(1, "a"), Sample(2, "a"), Sample(3, "b")])
        #expect(text.text.hasSuffix("vip_switch_z{l=\"a\"} 1\nvip_switch_z{l=\"b\"} 3\n"))
    }

    @Test(arguments: [
        (0, "0"), (1, "1"), (-2, "-2"), (0.25, "0.25"), (1e21, "1e+21"), (0.00001, "1e-05"), (Double.infinity, "+Inf"),
        (-Double.infinity, "-Inf"), (Double.nan, "NaN"),
    ]) func `writes numbers as Go reads them`(number: Double, written: String) {
        #expect(Exposition.number(number) == written)
    }

    @Test func `writes histograms with buckets that grow to all`() {
        var histogram = Histogram([.milliseconds(5), .seconds(1)])
        for duration in [Duration.milliseconds(1), .milliseconds(500), .seconds(2)] { histogram.note(duration) }
        var text = Exposition()
        text.add(.histogram("x_seconds", by: "l", help: "h"), [Sample(histogram, "a")])
        #expect(
            text.text == """
                # HELP vip_switch_x_seconds h
                # TYPE vip_switch_x_seconds histogram
                vip_switch_x_seconds_bucket{l="a",le="0.005"} 1
                vip_switch_x_seconds_bucket{l="a",le="1"} 2
                vip_switch_x_seconds_bucket{l="a",le="+Inf"} 3
                vip_switch_x_seconds_sum{l="a"} 2.501
                vip_switch_x_seconds_count{l="a"} 3

                """
        )
    }
}
