internal import Configuration

extension HookTemplate {
    /// Puts values in the place of templates; in one pass, so that a value that looks like a template stays as it is.
    static func expand(_ text: String, _ value: (HookTemplate) -> String) -> String {
        var result = ""
        var rest = text[...]
        while let next = rest.first {
            if let template = allCases.first(where: { rest.hasPrefix($0.rawValue) }) {
                result += value(template)
                rest = rest.dropFirst(template.rawValue.count)
            } else {
                result.append(next)
                rest = rest.dropFirst()
            }
        }
        return result
    }
}
