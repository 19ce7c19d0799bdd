package import Secrets
import StrictJSON

/// What Mosaic decided about a factor of a password reset. That it could not be asked is an ``APIFailure`` instead.
package enum ResetDecision: Sendable {
    /// The factor is right.
    case granted(ResetToken)
    /// It is not.
    case denied(DenialReason)
}

/// The right to set a user's password once, for a few minutes.
package struct ResetToken: Sendable, Hashable {
    /// The token, a JWT.
    package let value: Secret
    /// Whether it is good only for a second factor's `prev_reset_token`: its claim `mfa_required`. `nil` when the token
    /// cannot be read.
    package let requiresMFA: Bool?

    /// A token and what it says.
    package init(value: Secret, requiresMFA: Bool?) {
        self.value = value
        self.requiresMFA = requiresMFA
    }

    /// Reads the 200 answer of E9, E11 and E12, `{result: "<token>"}`; `nil` when it breaks the contract.
    init?(parsing body: [UInt8]) {
        guard let root = UpstreamJSON.root(of: body),
            let value = root["result"]?.secret, !value.isEmpty
        else { return nil }
        self.value = value
        requiresMFA = UnverifiedToken.payload(of: value).map { $0["mfa_required"]?.boolean ?? false }
    }
}
