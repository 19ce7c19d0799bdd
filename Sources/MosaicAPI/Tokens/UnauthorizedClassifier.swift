/// Tells what a 401 answer of an API call means: the endpoint's own answer, a bearer token that is no good, or neither.
///
/// The first row that fits decides. Where a row has two meanings, the second is that of a repeated call.
///
/// | `error_code` | challenges | body | request carries | meaning |
/// |---|---|---|---|---|
/// | in the contract's list | any | object | any | answer |
/// | `auth_…`, `user_…` | none, or others than Bearer | object | any | answer |
/// | other, none | Bearer among them | any | client token | bearer refused; credential rejected |
/// | " | " | " | user token | answer: it is the user's token that is refused |
/// | " | " | " | nothing | violation |
/// | " | others only | any | any | violation: the answer of a proxy |
/// | " | none | any | client token over 60 s old | bearer perhaps refused; as below |
/// | " | none | object | any | answer |
/// | " | none | no object | any | violation |
///
/// An answer goes on to the endpoint's own table. A request with the client's credential in it (E1, E4, E16) is none of
/// these: a 401 is the token service's answer.
package enum UnauthorizedClassifier {
    /// A token at most this old is taken for good when an answer does not say what it dislikes.
    package static let trustedAge = Duration.seconds(60)

    /// What the refused request proved itself with.
    package enum Proof: Sendable, Hashable {
        /// The client's access token, so old when the request was sent; whether the request was a repetition.
        case clientToken(age: Duration, isRepeat: Bool)
        /// A user's access token, which the caller holds.
        case userToken
        /// Nothing, or what is in its body.
        case none
        /// The client's own credential.
        case clientCredential
    }

    /// What a 401 means.
    package enum Meaning: Sendable, Hashable {
        /// It is the endpoint's own answer.
        case answer
        /// The token was refused, or may have been: get another one and repeat the call once.
        case bearerRefused(isCertain: Bool)
        /// A fresh token is refused like the one before.
        case credentialRejected
        /// It breaks the contract: something between the agent and the endpoint has answered.
        case violation
    }

    /// What a 401 means.
    static func meaning(of refusal: UpstreamError, to proof: Proof) -> Meaning {
        if proof == .clientCredential || refusal.hasContractCode { return .answer }
        if refusal.hasDecisionCode, !refusal.challenges.namesBearer { return .answer }
        if refusal.challenges.namesBearer {
            return switch proof {
            case .clientToken(_, let isRepeat): isRepeat ? .credentialRejected : .bearerRefused(isCertain: true)
            case .userToken, .clientCredential: .answer
            case .none: .violation
            }
        }
        if !refusal.challenges.isEmpty { return .violation }
        if case .clientToken(let age, isRepeat: false) = proof, age > trustedAge {
            return .bearerRefused(isCertain: false)
        }
        return refusal.body.isObject ? .answer : .violation
    }
}
