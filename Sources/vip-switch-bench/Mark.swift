import Linux

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

/// Writes down lines of `Deeds`: each line of standard input, `;` between those of one moment, answered when it is written.
func note(_ options: Options) throws {
    let file = try EventFile(appendingTo: try options.required("run") + "/deeds")
    while let line = readLine() {
        let time = timeNow()
        for words in line.split(separator: ";") { try file.append(String(words), at: time) }
        try StandardStream.output.write("\n")
    }
}
