/// Tells what a 401 answer of an API call means: a decision about the user, or a bearer token that is no good.
///
/// | `error_code` | `WWW-Authenticate` | endpoint answers for users | token's age | first answer | repeated call |
/// |---|---|---|---|---|---|
/// | `auth_…`, `user_…` | any | any | any | decision | decision |
/// | other, none | `Bearer` | yes | any | bearer refused | decision |
/// | other, none | `Bearer` | no | any | bearer refused | credential rejected |
/// | other, none | other, none | yes | ≤ 60 s | decision | decision |
/// | other, none | other, none | yes | > 60 s | bearer perhaps refused | decision |
/// | other, none | other, none | no | any | bearer refused | credential rejected |
package enum UnauthorizedRule {
    /// A token at most this old is taken for good when an answer does not say what it dislikes.
    package static let trustedAge = Duration.seconds(60)

    /// What a 401 means.
    package enum Meaning: Sendable, Hashable {
        /// It is the endpoint's answer.
        case decision
        /// The token was refused, or may have been: get another one and repeat the call once.
        case bearerRefused(isCertain: Bool)
        /// A fresh token is refused like the one before.
        case credentialRejected
    }

    /// What a 401 means.
    ///
    /// - Parameters:
    ///   - hasDecisionCode: The symbolic code begins with `auth_` or `user_`.
    ///   - namesBearer: `WWW-Authenticate` begins with `Bearer`.
    ///   - endpointDecides: A 401 can be the endpoint's verdict on a user (E17, E19, E21–E23).
    ///   - tokenAge: The token's age when the call was sent.
    ///   - isRepeat: The call was repeated after a refused token already.
    package static func meaning(
        hasDecisionCode: Bool,
        namesBearer: Bool,
        endpointDecides: Bool,
        tokenAge: Duration,
        isRepeat: Bool
    ) -> Meaning {
        if hasDecisionCode { return .decision }
        if isRepeat { return endpointDecides ? .decision : .credentialRejected }
        if namesBearer || !endpointDecides { return .bearerRefused(isCertain: true) }
        return tokenAge > trustedAge ? .bearerRefused(isCertain: false) : .decision
    }
}
