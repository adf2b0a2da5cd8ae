/// Why a hook is not run: a sentence that ends with what to type, where that is known.
package struct HookRefusal: Error, Hashable, Sendable, CustomStringConvertible {
    package let description: String

    package init(_ description: String) { self.description = description }
}
