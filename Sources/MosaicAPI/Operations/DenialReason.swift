/// Why Mosaic refused a login, as far as it said so. Only callers allowed to know and the journal may see it.
package enum DenialReason: String, Sendable, Hashable, CaseIterable {
    /// The identifier, password, code or link is wrong; also any refusal that gives no closer reason.
    case wrongCredentials = "wrong_credentials"
    /// The code is past its lifetime.
    case expired
    /// The code was bound to a send whose `request_id` was not given, or another one was.
    case wrongRequestID = "wrong_request_id"
    /// Too many failures; this way of logging in is suspended for a while.
    case locked
    /// The user or the credential is disabled.
    case notActive = "not_active"
    /// There is no such user in the application.
    case unknownUser = "unknown_user"
}
