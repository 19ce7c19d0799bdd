/// What limits how often a method is called about one user, beyond what access rules allow.
///
/// A call beyond the budget is answered with `throttled` and nothing is sent. What is counted, and how, is the agent's
/// business; callers only have to wait.
public enum MethodBudget: String, Hashable, Sendable, CaseIterable {
    /// Wrong passwords and codes for one user.
    case attempts
    /// Messages, codes and links for one user.
    case sends

    /// What a program that is refused for it should do, in whole sentences.
    public var advice: String {
        switch self {
        case .attempts:
            """
            After a few failures for one user the agent answers `throttled` and asks Mosaic nothing, so that Mosaic does \
            not lock the user out. Calls about one user at the same time may wait for each other. That says nothing about the password or code of this call: do not show it as a wrong \
            one, show that the user should try again later, and do not repeat the call before `retry_after_ms`.
            """
        case .sends:
            """
            Sends for one user need some time between two of the same method and channel and are limited in number; beyond that the agent answers \
            `throttled` and sends nothing, whether or not the user exists. Show that the user should look for the earlier \
            message or try again later, and do not repeat the call before `retry_after_ms`.
            """
        }
    }
}
