internal import Elections

extension SecretFile {
    /// What is odd about keys that can be used; each names the key by its id, never by itself.
    static func warnings(_ secrets: [ClusterSecret], _ path: String) -> [String] {
        var warnings: [String] = []
        for (place, secret) in secrets.enumerated() {
            if let weakness = secret.weakness {
                warnings.append(
                    "key \(secret.name) of \(path) can be guessed: \(weakness); take one that vip-switch keygen made"
                )
            }
            if secrets[..<place].contains(secret) {
                warnings.append("\(path) has key \(secret.name) twice; remove one of the lines")
            }
        }
        let different = Set(secrets).count
        if different == 2 {
            warnings.append(
                "\(path) has two keys, as while the key is changed; "
                    + "go on with the next step, or drop the second one: vip-switch keygen --rotate drop --file \(path)"
            )
        } else if different > 2 {
            warnings.append(
                "\(path) has \(different) keys, and each of them opens; keep the one that seals, which is the first"
            )
        }
        return warnings
    }
}
