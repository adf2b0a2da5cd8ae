import Net
import Raft
import Time

/// A cluster of real cores whose time, messages, disks and keepers a script moves by hand. Nothing happens by itself.
struct ScriptCluster {
    /// A message on its way, as its transport has sealed it.
    struct Parcel {
        let message: Message
        let sender: Sender
        let receiver: NodeID
        /// The cluster that it names.
        let cluster: ClusterID

        var words: String { "\(sender.id)->\(receiver) \(message.words)" }
    }

    struct Link: Hashable {
        let from: NodeID
        let to: NodeID
    }

    var nodes: [ScriptNode] = []
    /// Oldest first.
    var parcels: [Parcel] = []
    /// On their way for longer; they arrive when the script says so.
    var delayed: [Parcel] = []
    /// Links that lose all they are given.
    var cuts: Set<Link> = []
    var notes = ScriptNotes()
    var isDrawing = false
    /// Counts what operators have asked for.
    var requests: UInt64 = 0

    /// Nothing that a script asks for takes more steps than this.
    static let stepLimit = 10_000

    /// Does what the command says, and returns what there is to tell.
    mutating func perform(_ command: ScriptCommand, input: [String]) throws(ScriptFault) -> [String] {
        var arguments = ScriptArguments(command)
        if !input.isEmpty, !Self.takesInput.contains(command.name) {
            throw ScriptFault("\(command.name) takes no input; a blank line or ---- ends the block")
        }
        notes.begin()
        switch command.name {
        case "committed": return try ScriptQuorum.committed(&arguments, isDrawing: isDrawing)
        case "vote": return try ScriptQuorum.vote(&arguments)
        case "print": notes.tell(input)
        case "log-level": try notes.setLevel(arguments.word("none, info or debug"))
        case "add-nodes": try addNodes(&arguments)
        case "crash": try crash(&arguments)
        case "restart": try restart(&arguments)
        case "campaign": try campaign(&arguments)
        case "tick-heartbeat": try tick(&arguments) { $0.heartbeat }
        case "tick-election": try tick(&arguments) { Self.electionTimeout($0) }
        case "advance": try advance(&arguments)
        case "run": try run(&arguments)
        case "sleep": try sleep(&arguments)
        case "disk": try changeDisk(&arguments)
        case "persist": try persist(&arguments)
        case "withdrawn": try withdrawn(&arguments)
        case "deliver-msgs": try deliver(&arguments)
        case "stabilize": try stabilize(&arguments)
        case "delay": try delay(&arguments)
        case "arrive": try arrive(&arguments)
        case "cut": try cut(&arguments)
        case "heal": try heal(&arguments)
        case "fitness": try changeFitness(&arguments)
        case "timing": try changeTiming(&arguments)
        case "withdrawal": try changeWithdrawal(&arguments)
        case "propose": try propose(&arguments)
        case "propose-conf-change": try proposeChange(&arguments, input)
        case "transfer-leadership": try transfer(&arguments)
        case "resign": try resign(&arguments)
        case "raft-state": try tellStates(&arguments)
        case "raft-log": try tellLog(&arguments)
        case "status": try tellStatus(&arguments)
        case "vips": try tellVIPs(&arguments)
        case "msgs": try tellMessages(&arguments)
        default: throw ScriptFault("there is no command '\(command.name)'")
        }
        try arguments.finish()
        return notes.lines.isEmpty ? ["ok"] : notes.lines
    }

    private static let takesInput: Set = ["print", "propose-conf-change"]
}

extension ScriptCluster {
    /// The place of the node with this number.
    func place(of text: String) throws(ScriptFault) -> Int {
        let number = try ScriptArguments.number(text, of: "a node")
        guard number >= 1, number <= nodes.count else {
            throw ScriptFault("there is no node \(number); add-nodes has made \(nodes.count)")
        }
        return Int(number) - 1
    }

    /// The nodes that stand in the command, one at least.
    func places(_ arguments: inout ScriptArguments) throws(ScriptFault) -> [Int] {
        var places = [try place(of: arguments.word("the number of a node"))]
        while let word = arguments.word() { places.append(try place(of: word)) }
        return places
    }

    /// The nodes that stand in the command, or all.
    func placesOrAll(_ arguments: inout ScriptArguments) throws(ScriptFault) -> [Int] {
        guard let first = arguments.word() else { return Array(nodes.indices) }
        var places = [try place(of: first)]
        while let word = arguments.word() { places.append(try place(of: word)) }
        return places
    }

    /// The one node that stands in the command, which must run.
    func running(_ arguments: inout ScriptArguments) throws(ScriptFault) -> Int {
        let place = try place(of: arguments.word("the number of a node"))
        guard nodes[place].raft != nil else { throw ScriptFault("node \(nodes[place].id) is down") }
        return place
    }
}
