package import Secrets
package import StrictJSON

/// The request of E17, `POST /v1/auth/password/authenticate`: a backend's check of a user's password.
package struct PasswordAuthenticateOperation: Sendable {
    /// How ``username`` is to be read. It must match how the credential was registered.
    package enum UsernameType: String, Sendable, CaseIterable {
        /// A user name; what Mosaic assumes when no type is given.
        case username
        /// An email address.
        case email
        /// A phone number.
        case phoneNumber = "phone_number"
    }

    /// What the end user's own client looks like (`client_attributes`).
    package struct ClientAttributes: Sendable, Hashable {
        /// The `User-Agent` of the end user's client.
        package let userAgent: String?
        /// The IP address of the end user's client.
        package let ipAddress: String?

        /// Attributes, all of them optional.
        package init(userAgent: String? = nil, ipAddress: String? = nil) {
            self.userAgent = userAgent
            self.ipAddress = ipAddress
        }
    }

    /// The identifier, in UTF-8. Kept as a secret since it names a person.
    package var username: Secret
    /// The password, in UTF-8.
    package var password: Secret
    /// The type of the identifier; `nil` leaves the field out.
    package var usernameType: UsernameType?
    /// An existing session to join, for a second factor.
    package var sessionID: Secret?
    /// The organization of a B2B member.
    package var organizationID: String?
    /// The resource URI that becomes the `aud` of the user's access token.
    package var resource: String?
    /// The `claims` object, forwarded as it was written.
    package var claims: JSONText?
    /// What the end user's own client looks like.
    package var clientAttributes: ClientAttributes?

    /// A request with what every request needs; the optional fields are set afterwards.
    package init(username: Secret, password: Secret, usernameType: UsernameType? = nil) {
        self.username = username
        self.password = password
        self.usernameType = usernameType
    }
}

/// What Mosaic decided about a password. That it could not be asked is an ``APIFailure`` instead.
package enum PasswordAuthenticationResult: Sendable {
    /// The password is right.
    case granted(UserTokens)
    /// The login is refused.
    case denied(DenialReason)
    /// The password is right but has to be replaced before it logs anybody in.
    case passwordChangeRequired(PasswordChangeCause, resetToken: Secret?)
}

/// Why a password has to be replaced.
package enum PasswordChangeCause: String, Sendable, Hashable, CaseIterable {
    /// The password is past its lifetime.
    case expired
    /// The password was set for one use by an administrator.
    case temporary
}

extension PasswordAuthenticateOperation: APIOperation {
    package static let endpoint = APIEndpoint(
        "password_authenticate",
        .authentication,
        path: "v1/auth/password/authenticate"
    )

    package var target: UpstreamTarget? { UpstreamTarget(username) }

    package var body: UpstreamRequest.Body? {
        var writer = JSONWriter(capacity: 256 + 2 * (username.count + password.count) + (claims?.bytes.count ?? 0))
        writer.beginObject()
        writer.key("username")
        writer.secret(username)
        writer.key("password")
        writer.secret(password)
        if let usernameType {
            writer.key("username_type")
            writer.string(usernameType.rawValue)
        }
        if let sessionID {
            writer.key("session_id")
            writer.secret(sessionID)
        }
        if let organizationID {
            writer.key("org_id")
            writer.string(organizationID)
        }
        if let resource {
            writer.key("resource")
            writer.string(resource)
        }
        if let claims {
            writer.key("claims")
            writer.raw(claims)
        }
        if let clientAttributes { Self.write(clientAttributes, to: &writer) }
        writer.endObject()
        return .json(writer.takeSecret())
    }

    package var requiredMembers: [RequiredMember] { UserTokens.requiredMembers(withSession: true) }

    package func output(of response: UpstreamResponse) -> PasswordAuthenticationResult? {
        UserTokens(parsing: response.body, requiresSession: true).map { .granted($0) }
    }

    package func output(of refusal: UpstreamError) -> Result<PasswordAuthenticationResult, APIFailure> {
        PasswordErrorMapping.classify(refusal, joinsSession: sessionID != nil)
    }

    private static func write(_ attributes: ClientAttributes, to writer: inout JSONWriter) {
        writer.key("client_attributes")
        writer.beginObject()
        if let userAgent = attributes.userAgent {
            writer.key("user_agent")
            writer.string(userAgent)
        }
        if let ipAddress = attributes.ipAddress {
            writer.key("ip_address")
            writer.string(ipAddress)
        }
        writer.endObject()
    }
}

/// Says what a refusal of E17 means: a decision about the user, or a failure to decide.
///
/// Before ``AuthenticationErrorMapping``, which holds for everything else, comes the one answer that only passwords get:
///
/// | status | code or message | meaning |
/// |---|---|---|
/// | 403 | a `reset_token`, or message `password_expired` or `temporary_password` | password change required |
enum PasswordErrorMapping {
    /// What a refusal means.
    ///
    /// - Parameters:
    ///   - refusal: The answer. A 401 must have passed ``UnauthorizedClassifier``.
    ///   - joinsSession: Whether the request named a session to join.
    static func classify(
        _ refusal: UpstreamError,
        joinsSession: Bool
    ) -> Result<PasswordAuthenticationResult, APIFailure> {
        if refusal.status == 403, let cause = changeCause(refusal.body) {
            return .success(.passwordChangeRequired(cause, resetToken: refusal.body.resetToken))
        }
        return AuthenticationErrorMapping.classify(refusal, joinsSession: joinsSession).map { .denied($0) }
    }

    private static func changeCause(_ body: ErrorBody) -> PasswordChangeCause? {
        switch body.message {
        case "temporary_password": .temporary
        case "password_expired": .expired
        default: body.resetToken == nil ? nil : .expired
        }
    }
}
