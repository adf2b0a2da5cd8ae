import Linux

/// How long the disk takes to have a small write: what every durable vote waits for.
func measureDisk(_ options: Options) throws {
    let path = try options.required("directory") + "/write-and-synchronize"
    let block = [UInt8](repeating: 0x5a, count: 512)
    try DurableFile.replace(path, with: block)
    let file = try DurableFile(path: path)
    var times: [Int64?] = []
    for _ in 0..<200 {
        let start = timeNow()
        try file.write(block, at: 0)
        try file.synchronize()
        times.append(timeNow() - start)
    }
    try DurableFile.remove(path)
    guard let spread = Spread(times) else { return }
    print("\(fixed(Double(spread.median) / 1e6, decimals: 3)) / \(fixed(Double(spread.worst) / 1e6, decimals: 3))")
}
