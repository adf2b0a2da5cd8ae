/// What a client asks for, decoded.
package struct HTTPRequest: Hashable, Sendable {
    /// As it was written: `GET`, or whatever else somebody sends.
    package var method: String
    /// Without the query: `/holder`.
    package var path: String
    /// The parameters in their order; the value is empty where there is none.
    package var query: [Parameter]

    package struct Parameter: Hashable, Sendable {
        package var name: String
        package var value: String

        package init(_ name: String, _ value: String) {
            self.name = name
            self.value = value
        }
    }

    package init(method: String, path: String, query: [Parameter] = []) {
        self.method = method
        self.path = path
        self.query = query
    }
}
