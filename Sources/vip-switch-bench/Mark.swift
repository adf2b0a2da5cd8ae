import Linux

/// Writes down that something is done to a node at this moment.
func mark(_ options: Options) throws {
    let time = timeNow()
    let event = try options.required("event")
    guard Recording.Mark(rawValue: event) != nil else { throw Complaint("unknown event \(event)") }
    let file = try EventFile(appendingTo: try options.required("run") + "/marks")
    try file.append("\(event) \(try options.required("node"))", at: time)
}

/// Writes down lines of `Deeds`: each line of standard input, `;` between those of one moment, answered when it is written.
func note(_ options: Options) throws {
    let file = try EventFile(appendingTo: try options.required("run") + "/deeds")
    while let line = readLine() {
        let time = timeNow()
        for words in line.split(separator: ";") { try file.append(String(words), at: time) }
        try StandardStream.output.write("\n")
    }
}
