/// The ways to hand a user something that works once.
///
/// The names of the first four are the contract's `auth_type` values; locks are kept per user and method.
package enum OneTimeMethod: String, Sendable, Codable, CaseIterable {
    /// E18's link.
    case emailLink = "email_magic_link"
    /// E20's code by mail.
    case emailCode = "email_otp"
    /// E20's code by SMS.
    case smsCode = "sms_otp"
    /// E20's code for the caller to pass on.
    case directCode = "direct_otp"
    /// E8's code.
    case resetEmailCode = "reset_email_otp"
    /// E10's code.
    case resetSMSCode = "reset_sms_otp"

    /// What the ID token's `amr` says of it.
    ///
    /// The contract has no value for a direct code; `otp` is the registered one (RFC 8176).
    var authenticationMethod: String {
        switch self {
        case .emailLink: "eml"
        case .emailCode, .resetEmailCode: "eotp"
        case .smsCode, .resetSMSCode: "sms"
        case .directCode: "otp"
        }
    }
}
