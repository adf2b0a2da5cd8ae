import Linux

/// The file in the data directory that says that there is a fence: whoever comes next must take it over or remove it, even
/// where its own configuration asks for none. A host that never had one is not made to load nf_tables.
extension KeeperDirectory {
    private var fencePath: String { "\(path)/fence" }

    var hasFence: Bool { (try? FileStatus(of: fencePath)) != nil }

    /// Durably, before there is one. The text is for people.
    func noteFence(_ rules: FenceRules) throws(KeeperRefusal) {
        do throws(Errno) {
            try DurableFile.replace(fencePath, with: Array("nftables \(rules.name)\n".utf8))
        } catch {
            throw KeeperRefusal("cannot write \(fencePath): \(error)")
        }
    }

    /// When it has been removed.
    func forgetFence() throws(KeeperRefusal) {
        do throws(Errno) {
            try DurableFile.remove(fencePath)
        } catch {
            throw KeeperRefusal("cannot remove \(fencePath): \(error)")
        }
    }
}
