/// Writes down that something is done to a node at this moment.
func mark(_ options: Options) throws {
    let time = timeNow()
    let event = try options.required("event")
    guard Recording.Mark(rawValue: event) != nil else { throw Complaint("unknown event \(event)") }
    let file = try EventFile(appendingTo: try options.required("run") + "/marks")
    try file.append("\(event) \(try options.required("node"))", at: time)
}
