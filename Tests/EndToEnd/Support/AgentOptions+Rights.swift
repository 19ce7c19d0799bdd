import Foundation

extension AgentOptions {
    /// An agent that allows the caller these rights, and tells it the reasons of refusals or not.
    static func allowing(_ rights: String, details: Bool = false) -> Self {
        AgentOptions(
            access: """
                [Access tests]
                Match=uid:\(getuid())
                Clients=default
                Allow=\(rights)
                Details=\(details ? "yes" : "no")
                """
        )
    }
}
