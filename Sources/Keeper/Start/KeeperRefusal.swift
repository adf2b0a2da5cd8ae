/// Why the keeper does not start: one line for the operator, with what to do.
package struct KeeperRefusal: Error, Hashable, Sendable, CustomStringConvertible {
    package let description: String
    init(_ description: String) { self.description = description }
}
