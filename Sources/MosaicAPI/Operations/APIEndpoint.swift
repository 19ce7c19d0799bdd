/// An endpoint of the API as limits, breakers and metrics know it; each operation has its own.
///
/// Two are the same only if they are one object: tables of endpoints are looked at with every call.
package final class APIEndpoint: Sendable, Hashable {
    /// The name in metrics and in the log, such as `otp_send`.
    package let name: String
    /// The endpoints that it belongs with.
    package let group: Group
    /// The path below the base of the API; empty where an operation makes its URL itself.
    package let path: String
    /// Whether it answers as OAuth has it (RFC 6749, section 5.2).
    let answersAsOAuth: Bool

    /// Endpoints that stand and fall together at Mosaic, for the circuit breaker.
    package enum Group: String, Sendable, Hashable, CaseIterable {
        /// Backend authentication.
        case authentication
        /// Messages to users, which depend on providers of mail and SMS.
        case sending
        /// Password resets, but for their messages.
        case resets
        /// Users and their password credentials.
        case users
        /// Login preferences of applications.
        case preferences
        /// Sessions of users.
        case sessions
        /// The token service.
        case tokens
        /// Public keys and metadata.
        case metadata
    }

    /// An endpoint.
    package init(_ name: String, _ group: Group, path: String = "", answersAsOAuth: Bool = false) {
        self.name = name
        self.group = group
        self.path = path
        self.answersAsOAuth = answersAsOAuth
    }

    /// Whether they are one object.
    package static func == (left: APIEndpoint, right: APIEndpoint) -> Bool { left === right }

    /// Hashes the object's identity.
    package func hash(into hasher: inout Hasher) { hasher.combine(ObjectIdentifier(self)) }
}
