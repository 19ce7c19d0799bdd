import Synchronization

/// Choices where the contract is silent, changeable while the sandbox runs.
package final class SandboxSettings: Sendable {
    /// How E17 refuses a wrong password or an unknown user; no source documents it.
    package enum WrongPasswordShape: String, Sendable, Codable, CaseIterable {
        /// 401 with `error_code` `auth_invalid_credentials` (shape D).
        case symbolic
        /// 400 with `error_code` `auth_invalid_credentials` (shape D), as E21 documents it.
        case symbolic400 = "symbolic_400"
        /// 401 with neither a symbolic code nor `WWW-Authenticate`.
        case bare
        /// 401 without any body.
        case empty
    }

    private let shape = Mutex(WrongPasswordShape.symbolic)

    package init() {}

    /// How E17 refuses a wrong password or an unknown user.
    package var wrongPasswordShape: WrongPasswordShape {
        get { shape.withLock { $0 } }
        set { shape.withLock { $0 = newValue } }
    }

    /// The refusal in the present shape.
    var wrongPasswordReply: Reply {
        switch wrongPasswordShape {
        case .symbolic: Reply(.symbolic(401, .authInvalidCredentials))
        case .symbolic400: Reply(.symbolic(400, .authInvalidCredentials))
        case .bare: Reply(.bareUnauthorized)
        case .empty: Reply(status: 401, body: nil)
        }
    }
}
