/// Writes down that something is done to a node at this moment: one event, or several at once with commas between.
func mark(_ options: Options) throws {
    let time = timeNow()
    let node = try options.required("node")
    let file = try EventFile(appendingTo: try options.required("run") + "/marks")
    for event in try options.required("event").split(separator: ",") {
        guard Recording.Mark(rawValue: String(event)) != nil else { throw Complaint("unknown event \(event)") }
        try file.append("\(event) \(node)", at: time)
    }
}
