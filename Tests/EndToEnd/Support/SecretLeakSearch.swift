import Foundation

/// Looks for secrets where none may be.
///
/// The logs of a walk are megabytes, and the secrets are hundreds.
struct SecretLeakSearch {
    private(set) var canaries: Set<String> = []

    /// The least length of a canary in bytes; shorter ones could stand in a log by chance.
    static let minimumLength = 8

    /// Takes note of a secret.
    mutating func add(_ canary: String?) {
        if let canary, canary.utf8.count >= Self.minimumLength { canaries.insert(canary) }
    }

    /// The canaries that stand in the text.
    func found(in text: String) -> [String] {
        // The C library is made for this; no log has a NUL, which would end the search.
        unsafe text.withCString { haystack in
            canaries.filter { canary in unsafe canary.withCString { unsafe strstr(haystack, $0) != nil } }
        }
    }
}
