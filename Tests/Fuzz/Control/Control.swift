import Control
import Fuzzing

/// What comes over the control sockets: a line from whoever may connect, and documents from an agent, which may have them
/// from another node. Whatever is understood can be said again, and shown on a terminal.
@c(LLVMFuzzerTestOneInput) public func test(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
    var input = unsafe FuzzInput(start, count)
    let kind = input.byte()
    let text = String(decoding: input.remaining(), as: UTF8.self)
    switch kind % 6 {
    case 0: checkRequest(text)
    case 1: checkJSON(text)
    case 2: checkStatus(text)
    case 3: checkHistory(text)
    case 4: checkMembers(text)
    default: checkAnswer(text)
    }
    return 0
}

private func checkRequest(_ line: String) {
    guard let request = ControlRequest(line: line) else { return }
    require(ControlRequest(line: request.line) == request, "asked again it is no more \(request)")
}

private func checkJSON(_ text: String) {
    guard let value = JSONValue(parsing: text) else { return }
    require(JSONValue(parsing: value.text)?.text == value.text, "written again it is not \(value)")
}

/// The answers of all nodes, a line each; the first is the asked one's own.
private func checkStatus(_ text: String) {
    var answers = text.split(separator: "\n").compactMap { ClusterReport.Answer(json: String($0)) }
    guard !answers.isEmpty, let own = answers.removeFirst().report else { return }
    require(StatusReport(json: own.json)?.json == own.json, "written again it is not \(own)")
    let report = ClusterReport(own, others: answers)
    require(JSONValue(parsing: report.json) != nil, "no document: \(report.json)")
    checkShown(report.text(isColoured: false))
}

private func checkHistory(_ text: String) {
    let documents = text.split(separator: "\n").compactMap { HistoryDocument(json: String($0)) }
    let story = HistoryStory(documents)
    require(JSONValue(parsing: story.json) != nil, "no document: \(story.json)")
    checkShown(story.text(isColoured: false))
    checkShown(story.only(since: "2026", node: documents.first?.node, latest: 1).text(isColoured: false))
}

private func checkMembers(_ text: String) {
    if let word = MemberWord(json: text) { require(MemberWord(json: word.json) == word, "no more \(word)") }
    guard let report = MembersReport(json: text) else { return }
    require(MembersReport(json: report.json)?.json == report.json, "written again it is not \(report)")
    checkShown(report.text)
}

private func checkAnswer(_ text: String) {
    guard let answer = ControlAnswer(json: text) else { return }
    require(ControlAnswer(json: answer.json) == answer, "said again it is no more \(answer)")
}

/// Lines, and nothing that would drive a terminal.
private func checkShown(_ text: String) {
    let isHarmless = text.unicodeScalars.allSatisfy {
        $0 == "\n" || $0.value >= 0x20 && !(0x7f...0x9f).contains($0.value)
    }
    require(isHarmless, "controls in \(text)")
}
