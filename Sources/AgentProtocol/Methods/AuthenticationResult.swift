/// What was decided about a code or link with which a user logs in.
public typealias AuthenticationResult = GrantedOrDenied<GrantedTokens>

extension GrantedTokens: GrantMembers {
    /// When a code or link is right.
    public static let grantedDoc = "The user is authenticated."
    /// When it is not.
    public static let deniedDoc = "Wrong, expired or used, or of an unknown, inactive or locked user."
}

extension AuthenticationResult {
    /// The errors of methods with this result.
    static var errors: [ErrorKind] { .upstream + [.notConfigured, .invalidToken] }
}
