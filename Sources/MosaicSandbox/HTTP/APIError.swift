package import HTTPTypes
package import Hummingbird
import NIOCore

/// A refusal in one of the six shapes that Mosaic's endpoints use (contract 3.7), thrown by routes and rules.
///
/// Every shape carries a `message` besides its own members, because existing clients read it everywhere.
package struct APIError: Error, Sendable {
    /// The HTTP status.
    package var status: Int
    /// The members of the JSON body.
    package var body: [String: JSONValue]
    /// Headers besides the content type.
    package var headers: HTTPFields = [:]

    /// Shape A: `message` is an array of strings, `error_code` the status.
    package static func messages(_ status: Int, _ messages: [String]) -> Self {
        Self(
            status: status,
            body: ["message": .array(messages.map(JSONValue.string)), "error_code": .integer(Int64(status))]
        )
    }

    /// Shape B: `message` is a string, `error_code` the status.
    package static func message(_ status: Int, _ message: String) -> Self {
        Self(status: status, body: ["message": .string(message), "error_code": .integer(Int64(status))])
    }

    /// Shape C: `error_code` is the status as a string of digits.
    package static func digits(_ status: Int, _ message: String) -> Self {
        Self(status: status, body: ["message": .string(message), "error_code": .string(String(status))])
    }

    /// Shape D: `error_code` is a symbolic code (contract 3.8).
    package static func symbolic(_ status: Int, _ code: SymbolicCode, _ message: String? = nil) -> Self {
        Self(
            status: status,
            body: ["message": .string(message ?? code.meaning), "error_code": .string(code.rawValue)]
        )
    }

    /// Shape E: an identifier is taken. The values of `ts_error_code` are not published; these are the sandbox's own.
    package static func conflict(_ message: String, code: String) -> Self {
        Self(
            status: 409,
            body: ["message": .string(message), "error_code": 409, "ts_error_code": .string(code)]
        )
    }

    /// Shape F: an OAuth error (RFC 6749, section 5.2), with `message` and, for a 400, `error_code` as the token
    /// endpoint's documented shape B has them.
    package static func oauth(_ status: Int, _ error: String, _ description: String, headers: HTTPFields = [:]) -> Self
    {
        var body: [String: JSONValue] = [
            "error": .string(error), "error_description": .string(description), "message": .string(description),
        ]
        if status != 401 { body["error_code"] = .integer(Int64(status)) }
        return Self(status: status, body: body, headers: headers)
    }

    /// A refused bearer token: 401 with `WWW-Authenticate: Bearer` (RFC 6750) and the body that the contract shows on E15.
    package static func bearer(_ description: String) -> Self {
        var headers = HTTPFields()
        headers[.wwwAuthenticate] = "Bearer error=\"invalid_token\", error_description=\"\(description)\""
        return Self(status: 401, body: ["message": "Invalid token", "error_code": 401], headers: headers)
    }
}

/// The symbolic error codes that the sandbox answers with (contract 3.8).
package enum SymbolicCode: String, Sendable, CaseIterable {
    case systemInvalidInput = "system_invalid_input"
    case authInvalidCredentials = "auth_invalid_credentials"
    case authOTPPasscodeExpired = "auth_otp_passcode_expired"
    case authLocked = "auth_locked"
    case authLoginPreferencesMissing = "auth_login_preferences_missing"
    case authPasswordInvalidResetToken = "auth_password_invalid_reset_token"
    case authPasswordWeak = "auth_password_weak"
    case authPasswordBreached = "auth_password_breached"
    case authPasswordRecentlyUsed = "auth_password_recently_used"
    case authPasswordPolicyDisabled = "auth_password_policy_disabled"
    case authPasswordIncompleteCredentials = "auth_password_incomplete_credentials"
    case authNotActive = "auth_not_active"
    case authPasswordAlreadyConfigured = "auth_password_already_configured"
    case clientNotExist = "client_not_exist"
    case systemForbidden = "system_forbidden"
    case userNotFound = "user_not_found"
    case userNotActive = "user_not_active"
    case userEmailAddressMissing = "user_email_address_missing"
    case userPhoneNumberMissing = "user_phone_number_missing"

    /// The text that goes with the code; for people.
    package var meaning: String {
        switch self {
        case .systemInvalidInput: "Invalid input"
        case .authInvalidCredentials: "Invalid credentials"
        case .authLocked: "Authentication is locked after repeated failures"
        case .authOTPPasscodeExpired: "The passcode expired"
        case .authLoginPreferencesMissing: "The authentication method is not configured for this application"
        case .authPasswordInvalidResetToken: "The reset token is invalid or expired"
        case .authPasswordWeak: "The password does not meet the complexity policy"
        case .authPasswordBreached: "The password is known from a data breach"
        case .authPasswordRecentlyUsed: "The password was used recently"
        case .authPasswordPolicyDisabled: "Password authentication is not configured for this application"
        case .authPasswordIncompleteCredentials: "The user has no usable password credential"
        case .authNotActive: "The password authenticator is not active"
        case .authPasswordAlreadyConfigured: "A password is already configured"
        case .clientNotExist: "The client does not exist"
        case .systemForbidden: "Not allowed"
        case .userNotFound: "User not found"
        case .userNotActive: "User is not active"
        case .userEmailAddressMissing: "The user has no email address"
        case .userPhoneNumberMissing: "The user has no phone number"
        }
    }
}

/// What an endpoint answers: a status, headers and a JSON body, or no body at all.
package struct Reply: Sendable {
    /// The HTTP status.
    package var status: Int
    /// Headers besides the content type and length.
    package var headers: HTTPFields = [:]
    /// The body; nil for an empty one.
    package var body: JSONValue?

    /// A reply with a JSON body.
    package init(_ status: Int = 200, _ body: [String: JSONValue]) {
        self.status = status
        self.body = .object(body)
    }

    /// A reply with a JSON body of any kind, or with none.
    package init(status: Int, body: JSONValue?) {
        self.status = status
        self.body = body
    }

    /// The reply that a refusal becomes.
    package init(_ error: APIError) {
        self.status = error.status
        self.headers = error.headers
        self.body = .object(error.body)
    }

    /// The response as Hummingbird sends it. Nothing of the sandbox may be stored by a cache.
    package var response: Response {
        var headers = headers
        headers[.cacheControl] = headers[.cacheControl] ?? "no-store"
        guard let body else {
            return Response(status: .init(code: status), headers: headers)
        }
        headers[.contentType] = "application/json; charset=utf-8"
        return Response(
            status: .init(code: status),
            headers: headers,
            body: .init(byteBuffer: ByteBuffer(bytes: body.text))
        )
    }
}
