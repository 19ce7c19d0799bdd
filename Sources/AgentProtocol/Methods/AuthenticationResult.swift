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

    /// The schema of the parameters.
    public static let fields: [Field] = [
        .requestID, .joinedSessionID, .orgID, .resource, .claims, .clientAttributes, .deviceID,
    ]

    /// Takes the values of the members.
    public init(reading object: ObjectReader) throws(SchemaViolation) {
        requestID = try object.optionalText("request_id")
        sessionID = try object.optionalSecret("session_id")
        orgID = try object.optionalText("org_id")
        resource = try object.optionalText("resource")
        claims = try object.optionalJSON("claims")
        clientAttributes = try object.optionalObject("client_attributes")
        deviceID = try object.optionalText("device_id")
    }

    /// Writes the members.
    public func encodeMembers(to writer: inout JSONWriter) {
        writer.member("request_id", requestID)
        writer.member("session_id", sessionID)
        writer.member("org_id", orgID)
        writer.member("resource", resource)
        writer.member("claims", claims)
        writer.member("client_attributes", clientAttributes)
        writer.member("device_id", deviceID)
    }
}

/// What is known of an end user's own client.
public struct ClientAttributes: WireObject, Hashable {
    /// The browser's `User-Agent`.
    public var userAgent: String?
    /// The address the end user comes from.
    public var ipAddress: String?

    /// What is known; both may be missing.
    public init(userAgent: String? = nil, ipAddress: String? = nil) {
        self.userAgent = userAgent
        self.ipAddress = ipAddress
    }

    /// The schema of `client_attributes`.
    public static let fields: [Field] = [
        Field("user_agent", .text(1...1024), doc: "The `User-Agent` of the end user's browser or app."),
        Field(
            "ip_address",
            .text(1...64),
            doc: """
                The address the end user comes from. Where the access rule trusts it, it must be one IPv4 or IPv6 address, \
                alone or as `address:port` or `[IPv6]:port`.
                """
        ),
    ]

    /// Takes the values of the members.
    public init(reading object: ObjectReader) throws(SchemaViolation) {
        userAgent = try object.optionalText("user_agent")
        ipAddress = try object.optionalText("ip_address")
    }

    /// Writes the members.
    public func encodeMembers(to writer: inout JSONWriter) {
        writer.member("user_agent", userAgent)
        writer.member("ip_address", ipAddress)
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
        switch Verdict(try object.text("verdict")) {
        case .granted: self = .granted(try Grant(reading: object))
        case .denied: self = .denied(reason: try object.optionalText("reason"))
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
    public var accessToken: Secret
    /// `Bearer`.
    public var tokenType: String
    /// Seconds the access token is valid.
    public var expiresIn: Int
    /// The session at Mosaic.
    public var sessionID: Secret
    /// The ID token.
    public var idToken: Secret?
    /// The refresh token.
    public var refreshToken: Secret?
    /// The user's id, from the ID token.
    public var userID: String?
    /// The methods the user has authenticated with, from the ID token.
    public var amr: [String]?

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

    /// The schema of the members beside `verdict`.
    public static let fields: [Field] = [
        .grantedAccessToken,
        .required("token_type", .anyText, doc: "`Bearer`."),
        .required("expires_in", .count, doc: "Seconds the access token is valid."),
        .required("session_id", .anyText, isSensitive: true, doc: "The session at Mosaic."),
        .grantedIDToken,
        Field("refresh_token", .anyText, isSensitive: true, doc: "The refresh token."),
        .grantedUserID, .grantedAMR,
    ]

    /// Takes the values of the members.
    public init(reading object: ObjectReader) throws(SchemaViolation) {
        accessToken = try object.secret("access_token")
        tokenType = try object.text("token_type")
        expiresIn = try object.integer("expires_in", as: Int.self)
        sessionID = try object.secret("session_id")
        idToken = try object.optionalSecret("id_token")
        refreshToken = try object.optionalSecret("refresh_token")
        userID = try object.optionalText("user_id")
        amr = try object.optionalTexts("amr")
    }

    /// Writes the members.
    public func encodeMembers(to writer: inout JSONWriter) {
        writer.member("access_token", accessToken)
        writer.member("token_type", tokenType)
        writer.member("expires_in", expiresIn)
        writer.member("session_id", sessionID)
        writer.member("id_token", idToken)
        writer.member("refresh_token", refreshToken)
        writer.member("user_id", userID)
        writer.member("amr", amr)
    }
}

/// The tokens of a user without a session: what a refresh or an exchange brings.
public struct IssuedTokens: WireObject, MethodResult {
    /// The user access token.
    public var accessToken: Secret
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

    /// The schema of the members.
    public static let fields: [Field] = [
        .grantedAccessToken,
        Field("token_type", .anyText, doc: "`Bearer`."),
        Field("expires_in", .count, doc: "Seconds the access token is valid."),
        .grantedIDToken,
        Field(
            "refresh_token",
            .anyText,
            isSensitive: true,
            doc: "The refresh token to use from now on; without it, one that you have stays in use."
        ),
        .grantedUserID, .grantedAMR,
    ]

    /// Takes the values of the members.
    public init(reading object: ObjectReader) throws(SchemaViolation) {
        accessToken = try object.secret("access_token")
        tokenType = try object.optionalText("token_type")
        expiresIn = try object.optionalInteger("expires_in").map { Int(clamping: $0) }
        idToken = try object.optionalSecret("id_token")
        refreshToken = try object.optionalSecret("refresh_token")
        userID = try object.optionalText("user_id")
        amr = try object.optionalTexts("amr")
    }

    /// Writes the members.
    public func encodeMembers(to writer: inout JSONWriter) {
        writer.member("access_token", accessToken)
        writer.member("token_type", tokenType)
        writer.member("expires_in", expiresIn)
        writer.member("id_token", idToken)
        writer.member("refresh_token", refreshToken)
        writer.member("user_id", userID)
        writer.member("amr", amr)
    }
}

/// The parameters `identifier` and `identifier_type`, which codes and links name their user by.
enum IdentifiedUser {
    /// The rule by which the parameters are read, written and audited.
    static let rule = TargetRule.typed(value: "identifier", kind: "identifier_type", defaultKind: nil)

    /// The schema of the two.
    static let fields: [Field] = [
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
