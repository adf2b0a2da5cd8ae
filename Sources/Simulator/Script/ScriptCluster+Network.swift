import Raft
import Time

/// What a script moves by hand: disks, keepers, messages, links.
extension ScriptCluster {
    mutating func persist(_ arguments: inout ScriptArguments) throws(ScriptFault) {
        for place in try places(&arguments) where !finishWrites(of: place) {
            notes.note("\(nodes[place].id) has nothing to write")
        }
    }

    mutating func changeDisk(_ arguments: inout ScriptArguments) throws(ScriptFault) {
        let place = try place(of: arguments.word("the number of a node"))
        switch try arguments.word("hangs or works") {
        case "hangs": nodes[place].isDiskHanging = true
        case "works": nodes[place].isDiskHanging = false
        case let other: throw ScriptFault("a disk hangs or works, found '\(other)'")
        }
    }

    mutating func withdrawn(_ arguments: inout ScriptArguments) throws(ScriptFault) {
        let place = try running(&arguments)
        if !answerWithdrawal(of: place) { notes.note("\(nodes[place].id) has asked for nothing") }
    }

    mutating func stabilize(_ arguments: inout ScriptArguments) throws(ScriptFault) {
        // As in `stabilize log-level=none`: for this once.
        let level = notes.level
        if let name = try arguments.value("log-level") { try notes.setLevel(name) }
        defer { notes.level = level }
        try settle(placesOrAll(&arguments))
    }

    /// Delivers what is on its way to the nodes that are named, and loses what is on its way to those in `drop=`.
    mutating func deliver(_ arguments: inout ScriptArguments) throws(ScriptFault) {
        let kind = try kind(&arguments)
        var drops: [NodeID] = []
        for number in try arguments.values("drop") ?? [] { drops.append(nodes[try place(of: number)].id) }
        let isKept = arguments.flag("keep")
        var receivers: [NodeID] = []
        while let word = arguments.word() { receivers.append(nodes[try place(of: word)].id) }
        if let both = receivers.first(where: drops.contains) { throw ScriptFault("\(both) is both to hear and not to") }
        guard !receivers.isEmpty || !drops.isEmpty else { throw ScriptFault("deliver-msgs needs the number of a node") }

        let heard = receivers.flatMap { take(to: [$0], kind: kind) }
        let dropped = drops.flatMap { take(to: [$0], kind: kind) }
        // Datagrams may arrive twice, and late.
        if isKept { parcels += heard }
        for parcel in heard { hand(parcel) }
        for parcel in dropped { notes.note("dropped: \(parcel.words)") }
        if heard.isEmpty, dropped.isEmpty { notes.note("no messages") }
    }

    private func kind(_ arguments: inout ScriptArguments) throws(ScriptFault) -> String? {
        guard let kind = try arguments.value("type") else { return nil }
        guard Message.kinds.contains(kind) else {
            throw ScriptFault("there is no type '\(kind)'; there are \(Message.kinds.joined(separator: ", "))")
        }
        return kind
    }

    /// Keeps what is on its way to these nodes on its way, whatever is delivered, until `arrive`.
    mutating func delay(_ arguments: inout ScriptArguments) throws(ScriptFault) {
        let kind = try kind(&arguments)
        let taken = take(to: try places(&arguments).map { nodes[$0].id }, kind: kind)
        for parcel in taken { notes.note("delayed: \(parcel.words)") }
        if taken.isEmpty { notes.note("no messages") }
        delayed += taken
    }

    /// What was delayed may be delivered now.
    mutating func arrive(_ arguments: inout ScriptArguments) throws(ScriptFault) {
        try arguments.finish()
        parcels += delayed
        delayed = []
    }

    /// `cut 1 2`: these nodes hear nobody and nobody hears them. `cut from=1 to=2`: this direction only.
    mutating func cut(_ arguments: inout ScriptArguments) throws(ScriptFault) {
        if let from = try arguments.value("from"), let to = try arguments.value("to") {
            cuts.insert(Link(from: nodes[try place(of: from)].id, to: nodes[try place(of: to)].id))
            return
        }
        for place in try places(&arguments) {
            for other in nodes where other.id != nodes[place].id {
                cuts.insert(Link(from: nodes[place].id, to: other.id))
                cuts.insert(Link(from: other.id, to: nodes[place].id))
            }
        }
    }

    mutating func heal(_ arguments: inout ScriptArguments) throws(ScriptFault) {
        try arguments.finish()
        cuts = []
    }
}
