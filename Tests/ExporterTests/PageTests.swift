import Testing

@testable import vip_switch_exporter

@Suite struct `The page` {
    @Test func `is one document that asks for nothing from elsewhere`() {
        let page = Page.document(nonce: "0123")
        #expect(page.hasPrefix("<!doctype html>"))
        #expect(page.matches(of: /(https?:)?\/\/[a-z]/.ignoresCase()).isEmpty)
        #expect(page.matches(of: /@import|url\(|<link(?! rel="icon" href="data:,")|<img|<iframe/).isEmpty)
        #expect(page.matches(of: /\bsrc=/).isEmpty)
        #expect(page.utf8.count < 40_000)
    }

    @Test func `runs under the policy that comes with it`() {
        let page = Page.document(nonce: "0123")
        #expect(page.ranges(of: "<script nonce=\"0123\">").count == 1)
        #expect(page.ranges(of: "<style nonce=\"0123\">").count == 1)
        #expect(page.ranges(of: "<script").count == 1 && page.ranges(of: "<style").count == 1)
        #expect(page.matches(of: /\son[a-z]+=|\sstyle=|javascript:/).isEmpty)
        #expect(!page.contains("@NONCE@") && !page.contains("@CSS@") && !page.contains("@JS@"))
        let policy = Page.policy(nonce: "0123")
        #expect(
            policy.hasPrefix("default-src 'none'; script-src 'nonce-0123'; style-src 'nonce-0123'; connect-src 'self'")
        )
        #expect(!policy.contains("unsafe"))
    }

    @Test func `makes no markup of what the agent says`() {
        let page = Page.document(nonce: "0123")
        for word in ["innerHTML", "outerHTML", "insertAdjacentHTML", "document.write", "eval(", "Function("] {
            #expect(!page.contains(word), "\(word)")
        }
    }

    @Test func `has another nonce each time`() {
        let nonces = Set((0..<100).map { _ in Page.nonce() })
        #expect(nonces.count == 100)
        #expect(nonces.allSatisfy { $0.wholeMatch(of: /[0-9a-f]{32}/) != nil })
    }

    @Test func `comes with its policy`() throws {
        let stage = try Stage()
        let (one, other) = (try stage.get("/"), try stage.get("/"))
        let nonce = try #require(one.body.firstMatch(of: /<script nonce="([0-9a-f]{32})">/)?.1)
        #expect(one.headers["Content-Security-Policy"]?.contains("script-src 'nonce-\(nonce)'") == true)
        #expect(one.headers["Content-Security-Policy"] != other.headers["Content-Security-Policy"])
        #expect(one.headers["Content-Type"] == "text/html; charset=utf-8")
    }
}
