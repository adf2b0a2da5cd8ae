/// The environment variables that name settings. An empty one counts as unset.
struct SettingsEnvironment {
    /// By the setting's path.
    private(set) var overrides: [String: Override] = [:]
    private var unknown: [String] = []
    /// Two names of one setting, with different values.
    private var rivals: [(String, String)] = []

    /// What hooks find in their environment, and so what they call.
    private static let ours: Set<String> = ["VIP_SWITCH_CONFIG"]

    /// By the variable; the README's five have a short one as well.
    private static let settings: [String: String] = {
        let own = ScalarSetting.all.map { ($0.variable, $0.path) }
        return Dictionary(own + OverridableSetting.all.map { ($0.variable, $0.setting) }) { first, _ in first }
    }()

    init(_ environment: [String: String]) {
        for (variable, text) in environment.sorted(by: { $0.key < $1.key }) where !text.isEmpty {
            guard variable.hasPrefix(ScalarSetting.prefix), !Self.ours.contains(variable) else { continue }
            guard let setting = Self.settings[variable] else {
                unknown.append(variable)
                continue
            }
            if let other = overrides[setting], other.text != text {
                rivals.append((other.origin.description, variable))
            }
            overrides[setting] = Override(text: text, origin: .variable(variable))
        }
    }

    /// Says what is wrong with the names; what is wrong with a value is said where it is read.
    func judge(_ ledger: Ledger) {
        for (one, other) in rivals {
            ledger.error(at: .variable(other), "\(one) names the same setting with another value; expected one of them")
        }
        for variable in unknown where !ledger.isFull {
            let hint =
                suggestion(for: variable, among: Self.settings.keys.sorted()).map { "; did you mean \($0)" } ?? ""
            ledger.warn(
                at: .variable(variable),
                "no setting has this name; expected \(ScalarSetting.prefix) and its path, as in "
                    + "\(ScalarSetting.prefix)NODE_PRIORITY\(hint)"
            )
        }
    }
}
