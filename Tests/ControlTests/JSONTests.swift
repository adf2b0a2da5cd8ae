import Testing

@testable import Control

@Suite struct `A JSON value` {
    @Test(arguments: [
        "null", "true", "[]", "{}", "-0", "12.5", "1e+2", #"{"a":[1,{"b":null}],"c":"\u0001"}"#, #""\"\\""#,
    ]) func `reads what is JSON`(text: String) {
        #expect(JSONValue(parsing: text) != nil)
    }

    @Test(arguments: [
        "", "nul", "01", "1.", ".5", "+1", "1e", "[1,]", "[1", "{\"a\"}", "{a:1}", "{\"a\":1,}", "\"\u{1}\"", "\"\\x\"",
        "\"\\ud800\"", "\"\\udc00\"", "\"\\u12\"", "1 2", "NaN", "'a'", "\"",
        String(repeating: "[", count: 100_000),
    ]) func `refuses what is not`(text: String) {
        #expect(JSONValue(parsing: text) == nil)
    }

    @Test func `reads back what it writes`() {
        let value = JSONValue.object([
            .init("text", .string("a\"\\\n\u{1}\u{7f}é😀")),
            .init("numbers", .array([.integer(.max), .integer(.min), .number(0.25)])),
            .init("nothing", .null),
            .init("flag", .boolean(false)),
        ])
        #expect(JSONValue(parsing: value.text) == value)
    }

    @Test func `reads characters beyond the first plane from a pair`() {
        #expect(JSONValue(parsing: #""\ud83d\ude00\/""#) == .string("😀/"))
    }

    @Test func `reads whole numbers that are too large as fractions`() {
        #expect(JSONValue(parsing: "10000000000000000000") == .number(1e19))
    }
}
