/// The links between the nodes: what is cut, and how long the rest takes.
struct Network {
    /// Two directions of a link are two links; a cut counts, so that overlapping ones end when the last one does.
    private var cuts: [Int]
    private var lags: [Nanoseconds]
    private let count: Int
    var weather: Weather
    /// What its heavy tail adds at most.
    var longestTail: Nanoseconds = .seconds(3)
    private var dice: Dice

    init(nodes count: Int, weather: Weather, dice: Dice) {
        cuts = Array(repeating: 0, count: count * count)
        lags = Array(repeating: 0, count: count * count)
        self.count = count
        self.weather = weather
        self.dice = dice
    }

    /// The delays of the copies that will arrive: none, one or two.
    mutating func delays(from sender: Int, to receiver: Int) -> (first: Nanoseconds?, second: Nanoseconds?) {
        guard !isCut(from: sender, to: receiver), !dice.chance(weather.loss) else { return (nil, nil) }
        let lag = lags[sender * count + receiver]
        return (lag + delay(), dice.chance(weather.duplication) ? lag + delay() * 2 : nil)
    }

    private mutating func delay() -> Nanoseconds {
        let usual = dice.span(Usual.delay(weather.delay))
        guard dice.chance(weather.tailChance) else { return usual }
        return usual + dice.tail(weather.tail, most: longestTail)
    }

    func isCut(from sender: Int, to receiver: Int) -> Bool { cuts[sender * count + receiver] > 0 }

    mutating func cut(from sender: Int, to receiver: Int) { cuts[sender * count + receiver] += 1 }

    mutating func mend(from sender: Int, to receiver: Int) {
        cuts[sender * count + receiver] = max(0, cuts[sender * count + receiver] - 1)
    }

    /// Sets by how much datagrams of this link come later; of two reasons to lag the later one counts.
    mutating func lag(from sender: Int, to receiver: Int, by delay: Nanoseconds) {
        lags[sender * count + receiver] = delay
    }

    mutating func mendAll() {
        cuts = Array(repeating: 0, count: count * count)
        lags = cuts.map(Nanoseconds.init)
    }

    /// The links of a node in this direction.
    func links(of node: Int, _ direction: Fault.Direction) -> [(from: Int, to: Int)] {
        links(out: [node], isSymmetric: true).filter {
            direction == .both || (direction == .sending) == ($0.from == node)
        }
    }

    /// The links that lead out of a group, and back into it where symmetric.
    func links(out side: [Int], isSymmetric: Bool) -> [(from: Int, to: Int)] {
        let others = (0..<count).filter { !side.contains($0) }
        return side.flatMap { a in
            others.flatMap { b in isSymmetric ? [(from: a, to: b), (from: b, to: a)] : [(from: a, to: b)] }
        }
    }
}
