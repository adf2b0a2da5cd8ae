/// What is known of each node: a dictionary for the few that a cluster may have.
///
/// It is searched from the front, for to hash one name costs more than to compare it with all of them.
struct Roster<Value: Hashable & Sendable>: Hashable, Sendable {
    private struct Line: Hashable, Sendable {
        let id: NodeID
        var value: Value
    }

    private var lines: [Line] = []

    var count: Int { lines.count }

    subscript(id: NodeID) -> Value? {
        get { line(of: id).map { lines[$0].value } }
        set {
            switch (line(of: id), newValue) {
            case (let line?, let value?): lines[line].value = value
            case (let line?, nil): lines.remove(at: line)
            case (nil, let value?): lines.append(Line(id: id, value: value))
            case (nil, nil): break
            }
        }
    }

    private func line(of id: NodeID) -> Int? { lines.firstIndex { $0.id == id } }
}
