package import Secrets
import StrictJSON

/// The request of E14, `POST /v1/auth/password/validate`: whether a password may be chosen.
package struct PasswordCheckOperation: APIOperation {
    /// Whose history is looked at as well.
    package enum User: Sendable {
        /// By user name.
        case username(Secret)
        /// By email address.
        case email(Secret)
        /// By phone number.
        case phoneNumber(Secret)

        fileprivate var field: (name: String, value: Secret) {
            switch self {
            case .username(let value): ("username", value)
            case .email(let value): ("email", value)
            case .phoneNumber(let value): ("phone_number", value)
            }
        }
    }

    /// The candidate, in UTF-8.
    package var password: Secret
    /// Whose history is looked at as well; `nil` checks the policy only.
    package var user: User?

    /// A question about a candidate.
    package init(password: Secret, user: User? = nil) {
        self.password = password
        self.user = user
    }

    package static let endpoint = APIEndpoint("password_validate", .users, path: "v1/auth/password/validate")

    package var target: UpstreamTarget? { user.map { UpstreamTarget($0.field.value) } }

    package var body: UpstreamRequest.Body? {
        let field = user?.field
        return .object(capacity: 128 + 6 * (password.count + (field?.value.count ?? 0))) { writer in
            writer.field("password", password)
            if let field { writer.field(field.name, field.value) }
        }
    }

    package var requiredMembers: [RequiredMember] { [RequiredMember("result.valid_password", .boolean)] }

    package func output(of response: UpstreamResponse) -> PasswordAssessment? {
        PasswordAssessment(parsing: response.body)
    }

    package func output(of refusal: UpstreamError) -> Result<PasswordAssessment, APIFailure> {
        .failure(UserErrorMapping.failure(refusal, of: .passwordValidation))
    }
}

/// Mosaic's answer about a candidate.
package struct PasswordAssessment: Sendable, Hashable {
    /// Whether it may be chosen.
    package let isValid: Bool
    /// Why not. The codes are not documented: for showing, not for deciding.
    package let errors: [APIFailure.Violation]

    /// An answer.
    package init(isValid: Bool, errors: [APIFailure.Violation] = []) {
        self.isValid = isValid
        self.errors = errors
    }

    /// Reads the answer of E14; `nil` when it breaks the contract.
    init?(parsing body: [UInt8]) {
        guard let result = UpstreamJSON.root(of: body)?["result"],
            let isValid = result["valid_password"]?.boolean
        else { return nil }
        self.isValid = isValid
        errors = (result["errors"]?.elements.map(Array.init) ?? []).compactMap { error in
            guard let message = error["message"]?.string else { return nil }
            return APIFailure.Violation(code: error["code"]?.string, message: message)
        }
    }
}

/// The request of E28, `POST /v1/users/{user_id}/password`: the first password of a user.
package struct PasswordRegisterOperation: APIOperation {
    /// Mosaic's id of the user, in UTF-8.
    package var userID: [UInt8]
    /// The password, in UTF-8.
    package var password: Secret
    /// Whether it is temporary. Always sent: Mosaic's default is true.
    package var forceReplace: Bool
    /// The login name to set; without it, a verified email address becomes one.
    package var username: Secret?
    /// Whether the complexity policy is applied; Mosaic's default is true.
    package var enforceComplexity: Bool?
    /// The device that registers.
    package var deviceID: String?

    /// A first password; the optional fields are set afterwards.
    package init(userID: [UInt8], password: Secret, forceReplace: Bool) {
        self.userID = userID
        self.password = password
        self.forceReplace = forceReplace
    }

    package static let endpoint = APIEndpoint("password_register", .users)

    package func url(at endpoints: MosaicEndpoints) -> ServiceURL { endpoints.user(userID).appending(path: "password") }

    package var target: UpstreamTarget? { UpstreamTarget(userID) }

    package func output(of response: UpstreamResponse) -> PasswordReceipt? { PasswordReceipt(parsing: response.body) }

    package func output(of refusal: UpstreamError) -> Result<PasswordReceipt, APIFailure> {
        .failure(UserErrorMapping.failure(refusal, of: .newPassword))
    }

    package var body: UpstreamRequest.Body? {
        .credentials(
            password,
            username: username,
            forceReplace: forceReplace,
            enforceComplexity: enforceComplexity,
            deviceID: deviceID
        )
    }
}

/// The request of E29, `PUT /v1/users/{user_id}/password`: another password for a user who has one.
package struct PasswordUpdateOperation: APIOperation {
    /// Mosaic's id of the user, in UTF-8.
    package var userID: [UInt8]
    /// The password, in UTF-8.
    package var password: Secret
    /// Whether it is temporary. Always sent: Mosaic's default is true.
    package var forceReplace: Bool
    /// The device in use.
    package var deviceID: String?

    /// Another password.
    package init(userID: [UInt8], password: Secret, forceReplace: Bool, deviceID: String? = nil) {
        self.userID = userID
        self.password = password
        self.forceReplace = forceReplace
        self.deviceID = deviceID
    }

    package static let endpoint = APIEndpoint("password_update", .users)

    package static var method: UpstreamRequest.Method { .put }

    package func url(at endpoints: MosaicEndpoints) -> ServiceURL { endpoints.user(userID).appending(path: "password") }

    package var target: UpstreamTarget? { UpstreamTarget(userID) }

    package func output(of response: UpstreamResponse) -> PasswordReceipt? { PasswordReceipt(parsing: response.body) }

    package func output(of refusal: UpstreamError) -> Result<PasswordReceipt, APIFailure> {
        .failure(UserErrorMapping.failure(refusal, of: .newPassword))
    }

    package var body: UpstreamRequest.Body? {
        .credentials(password, forceReplace: forceReplace, deviceID: deviceID)
    }
}

/// The request of E30, `POST /v1/users/me/password-credentials`: a user's own first password.
package struct PasswordRegisterOwnOperation: APIOperation {
    /// The user's access token, which stands in for the client's.
    package var userToken: Secret
    /// The password, in UTF-8.
    package var password: Secret
    /// The login name to set; without it, a verified email address becomes one.
    package var username: Secret?
    /// The device that registers.
    package var deviceID: String?

    /// A first password; the optional fields are set afterwards.
    package init(userToken: Secret, password: Secret) {
        self.userToken = userToken
        self.password = password
    }

    package static let endpoint = APIEndpoint("password_register_own", .users, path: "v1/users/me/password-credentials")

    package var authorization: APIAuthorization { .userToken(userToken) }

    package func output(of response: UpstreamResponse) -> PasswordReceipt? { PasswordReceipt(parsing: response.body) }

    package func output(of refusal: UpstreamError) -> Result<PasswordReceipt, APIFailure> {
        .failure(UserErrorMapping.failure(refusal, of: .ownPassword))
    }

    package var body: UpstreamRequest.Body? {
        .credentials(password, username: username, deviceID: deviceID)
    }
}

/// What Mosaic says of a password that is set (E28–E30).
package struct PasswordReceipt: Sendable, Hashable {
    /// `result.message`, such as "Password registered". That the password is set follows from the status alone.
    package let message: String?

    /// A receipt.
    package init(message: String?) { self.message = message }

    init(parsing body: [UInt8]) {
        message = UpstreamJSON.root(of: body)?["result"]?["message"]?.string
    }
}

extension UpstreamRequest.Body {
    /// The members that the three requests share.
    fileprivate static func credentials(
        _ password: Secret,
        username: Secret? = nil,
        forceReplace: Bool? = nil,
        enforceComplexity: Bool? = nil,
        deviceID: String? = nil
    ) -> UpstreamRequest.Body {
        // A byte of text takes six at most when it is escaped.
        .object(capacity: 1024 + 6 * (password.count + (username?.count ?? 0))) { writer in
            writer.field("password", password)
            writer.field("force_replace", forceReplace)
            writer.field("username", username)
            writer.field("enforce_complexity", enforceComplexity)
            writer.field("device_id", deviceID)
        }
    }
}
