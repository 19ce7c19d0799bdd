public import Secrets
public import StrictJSON

/// The optional parameters that logins with a code and with a link share.
public struct AuthenticationOptions: WireObject {
    /// The `request_id` of the send, needed once one was asked for there.
    public var requestID: String?
    /// An existing session to join, for a further factor.
    public var sessionID: Secret?
    /// The organization a member logs in to.
    public var orgID: String?
    /// The resource URI that becomes the token's audience.
    public var resource: String?
    /// Further claims to be put into the tokens, as in OpenID Connect; passed on as the same text.
    public var claims: JSONText?
    /// What is known of the end user's own client.
    public var clientAttributes: ClientAttributes?
    /// The device that the end user uses.
    public var deviceID: String?

    /// No options; they are set afterwards.
    public init() {}

    /// The members.
    public mutating func visit<V: MemberVisitor>(_ members: inout V) throws(V.Failure) {
        try members.requestID(&requestID)
        try members.joinedSessionID(&sessionID)
        try members.orgID(&orgID)
        try members.resource(&resource)
        try members.claims(&claims)
        try members.clientAttributes(&clientAttributes)
        try members.deviceID(&deviceID)
    }
}

/// What is known of an end user's own client.
public struct ClientAttributes: WireObject, Hashable {
    /// The browser's `User-Agent`.
    public var userAgent: String?
    /// The address the end user comes from.
    public var ipAddress: String?

    /// All members blank.
    public init() {}

    /// What is known; both may be missing.
    public init(userAgent: String? = nil, ipAddress: String? = nil) {
        self.userAgent = userAgent
        self.ipAddress = ipAddress
    }

    /// The members.
    public mutating func visit<V: MemberVisitor>(_ members: inout V) throws(V.Failure) {
        try members.optional(
            "user_agent",
            &userAgent,
            .text(1...1024),
            doc: "The `User-Agent` of the end user's browser or app."
        )
        try members.optional(
            "ip_address",
            &ipAddress,
            .text(1...64),
            doc: """
                The address the end user comes from. Where the access rule trusts it, it must be one IPv4 or IPv6 address, \
                alone or as `address:port` or `[IPv6]:port`.
                """
        )
    }
}

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

/// What was decided about something that a user has shown: it is right and brings something, or it is not.
public enum GrantedOrDenied<Grant: GrantMembers>: MethodResult, VerdictBearing {
    /// It is right; here is what it brings.
    case granted(Grant)
    /// Not so; the reason is told only to callers whose rule says `Details=yes`.
    case denied(reason: String?)

    /// What was decided, by name.
    public var verdict: Verdict {
        switch self {
        case .granted: .granted
        case .denied: .denied
        }
    }

    /// After the members of a grant.
    public static var schemaName: String { "\(Grant.schemaName)OrDenied" }

    /// The schema per verdict.
    public static var schema: Schema {
        .verdicts([
            VerdictSchema(.granted, Grant.fields, doc: Grant.grantedDoc),
            .denied(doc: Grant.deniedDoc),
        ])
    }

    /// Takes the values of the members that the verdict has.
    public init(reading object: ObjectReader) throws(SchemaViolation) {
        switch try object.required("verdict", as: Verdict.self) {
        case .granted: self = .granted(try Grant(reading: object))
        case .denied: self = .denied(reason: try object.optional("reason"))
        default: throw SchemaViolation(.choice(["granted", "denied"]), at: "verdict")
        }
    }

    /// Writes the result.
    public func encode(to writer: inout JSONWriter) {
        writer.beginObject()
        writer.member("verdict", verdict.name)
        switch self {
        case .granted(let grant): grant.encodeMembers(to: &writer)
        case .denied(let reason): writer.member("reason", reason)
        }
        writer.endObject()
    }
}

/// What stands beside the verdict `granted` of a ``GrantedOrDenied``.
public protocol GrantMembers: WireObject {
    /// When the verdict is `granted`.
    static var grantedDoc: String { get }
    /// When it is `denied` instead.
    static var deniedDoc: String { get }
}

/// The tokens and the session of a user who has logged in.
public struct GrantedTokens: WireObject {
    /// The user access token.
    public var accessToken = Secret.empty
    /// `Bearer`.
    public var tokenType = ""
    /// Seconds the access token is valid.
    public var expiresIn = 0
    /// The session at Mosaic.
    public var sessionID = Secret.empty
    /// The ID token.
    public var idToken: Secret?
    /// The refresh token.
    public var refreshToken: Secret?
    /// The user's id, from the ID token.
    public var userID: String?
    /// The methods the user has authenticated with, from the ID token.
    public var amr: [String]?

    /// All members blank.
    public init() {}

    /// Tokens and session.
    public init(
        accessToken: Secret,
        tokenType: String,
        expiresIn: Int,
        sessionID: Secret,
        idToken: Secret? = nil,
        refreshToken: Secret? = nil,
        userID: String? = nil,
        amr: [String]? = nil
    ) {
        self.accessToken = accessToken
        self.tokenType = tokenType
        self.expiresIn = expiresIn
        self.sessionID = sessionID
        self.idToken = idToken
        self.refreshToken = refreshToken
        self.userID = userID
        self.amr = amr
    }

    /// The members.
    public mutating func visit<V: MemberVisitor>(_ members: inout V) throws(V.Failure) {
        try members.grantedAccessToken(&accessToken)
        try members.required("token_type", &tokenType, doc: "`Bearer`.")
        try members.required("expires_in", &expiresIn, doc: "Seconds the access token is valid.")
        try members.required("session_id", &sessionID, doc: "The session at Mosaic.")
        try members.grantedIDToken(&idToken)
        try members.optional("refresh_token", &refreshToken, doc: "The refresh token.")
        try members.grantedUserID(&userID)
        try members.grantedAMR(&amr)
    }
}

/// The tokens of a user without a session: what a refresh or an exchange brings.
public struct IssuedTokens: WireObject, MethodResult {
    /// The user access token.
    public var accessToken = Secret.empty
    /// `Bearer`; absent only after an exchange with `legacy`.
    public var tokenType: String?
    /// Seconds the access token is valid; absent only after an exchange with `legacy`.
    public var expiresIn: Int?
    /// The ID token.
    public var idToken: Secret?
    /// The refresh token.
    public var refreshToken: Secret?
    /// The user's id, from the ID token.
    public var userID: String?
    /// The methods the user has authenticated with, from the ID token.
    public var amr: [String]?

    /// All members blank.
    public init() {}

    /// Tokens.
    public init(
        accessToken: Secret,
        tokenType: String? = nil,
        expiresIn: Int? = nil,
        idToken: Secret? = nil,
        refreshToken: Secret? = nil,
        userID: String? = nil,
        amr: [String]? = nil
    ) {
        self.accessToken = accessToken
        self.tokenType = tokenType
        self.expiresIn = expiresIn
        self.idToken = idToken
        self.refreshToken = refreshToken
        self.userID = userID
        self.amr = amr
    }

    /// The members.
    public mutating func visit<V: MemberVisitor>(_ members: inout V) throws(V.Failure) {
        try members.grantedAccessToken(&accessToken)
        try members.optional("token_type", &tokenType, doc: "`Bearer`.")
        try members.optional("expires_in", &expiresIn, doc: "Seconds the access token is valid.")
        try members.grantedIDToken(&idToken)
        try members.optional(
            "refresh_token",
            &refreshToken,
            doc: "The refresh token to use from now on; without it, one that you have stays in use."
        )
        try members.grantedUserID(&userID)
        try members.grantedAMR(&amr)
    }
}

/// The parameters `identifier` and `identifier_type`, which codes and links name their user by.
enum IdentifiedUser {
    /// The rule by which the parameters are read, written and audited.
    static let rule = TargetRule.typed(value: "identifier", kind: "identifier_type", defaultKind: nil)
}

extension MemberVisitor {
    /// `identifier_type` and `identifier`, which name a user by ``IdentifiedUser/rule``.
    mutating func identifiedUser(_ value: inout Target) throws(Failure) {
        var user: Target? = value
        try target(&user, IdentifiedUser.rule) {
            [
                .required(
                    "identifier_type",
                    .formed(.plain, 1...64),
                    doc:
                        "The kind of identifier: `email`, `phone_number`, `user_id`, `username` or a type that the application "
                        + "has set up at Mosaic."
                ),
                .required(
                    "identifier",
                    .text(1...ProtocolLimits.maximumIdentifierBytes),
                    doc: "The identifier, of the kind that `identifier_type` says. Compared byte for byte."
                ),
            ]
        }
        if let user { value = user }
    }
}
