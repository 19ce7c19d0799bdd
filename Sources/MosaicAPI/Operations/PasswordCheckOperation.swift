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

    package static var endpoint: APIEndpoint { .passwordValidate }

    package func url(at endpoints: MosaicEndpoints) -> ServiceURL { endpoints.passwordValidate }

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
