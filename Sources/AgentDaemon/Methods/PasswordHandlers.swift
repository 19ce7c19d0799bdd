import AgentProtocol
import MosaicAPI
import Secrets

extension MethodRegistry {
    /// Adds the methods about passwords.
    mutating func addPasswordMethods() {
        // `password.authenticate` by E17.
        on(PasswordAuthenticate.self) { parameters, context in
            let decision = try await context.client.service.authenticatePassword(
                PasswordAuthenticateOperation(parameters),
                call: context.upstreamCall
            )
            switch decision {
            case .granted(let tokens):
                return Reply(.granted(try GrantedTokens(tokens)))
            case .denied(let reason):
                return Reply(
                    .denied(reason: context.mayKnowDetails ? reason.rawValue : nil),
                    reason: reason.rawValue
                )
            case .passwordChangeRequired(let cause, let resetToken):
                return Reply(
                    .passwordChangeRequired(cause: PasswordChangeCause(cause.rawValue), resetToken: resetToken),
                    reason: cause.rawValue
                )
            }
        }
        // `password.check` by E14.
        on(PasswordCheck.self) { parameters, context in
            let assessment = try await context.perform(
                PasswordCheckOperation(
                    password: parameters.password,
                    user: parameters.user.flatMap(PasswordCheckOperation.User.init)
                )
            )
            return Reply(
                PasswordCheck.Result(
                    validPassword: assessment.isValid,
                    errors: assessment.errors.map { PasswordCheck.Result.Problem(code: $0.code, message: $0.message) }
                ),
                reason: assessment.isValid ? nil : "invalid_password"
            )
        }
        // `password.register` by E28.
        on(PasswordRegister.self) { parameters, context in
            var registration = PasswordRegisterOperation(
                userID: parameters.userID.bytes,
                password: parameters.password,
                forceReplace: parameters.forceReplace
            )
            registration.username = parameters.username.map { Secret(copying: $0.bytes) }
            registration.enforceComplexity = parameters.enforceComplexity
            registration.deviceID = parameters.deviceID
            let receipt = try await context.perform(
                registration,
                conflict: "the user has a password already; password.update replaces it"
            )
            return Reply(PasswordSetResult(message: receipt.message))
        }
        // `password.register_own` by E30.
        on(PasswordRegisterOwn.self) { parameters, context in
            var registration = PasswordRegisterOwnOperation(
                userToken: parameters.accessToken,
                password: parameters.password
            )
            registration.username = parameters.username.map { Secret(copying: $0.bytes) }
            registration.deviceID = parameters.deviceID
            let receipt = try await context.perform(
                registration,
                conflict: "Mosaic does not let the user set a first password; most likely there is one already"
            )
            return Reply(PasswordSetResult(message: receipt.message))
        }
        // `password.update` by E29.
        on(PasswordUpdate.self) { parameters, context in
            let receipt = try await context.perform(
                PasswordUpdateOperation(
                    userID: parameters.userID.bytes,
                    password: parameters.password,
                    forceReplace: parameters.forceReplace,
                    deviceID: parameters.deviceID
                ),
                // Mosaic's code for a missing password says the opposite, so what it means is told by the call.
                conflict: "the user has no password that could be replaced; password.register sets the first one"
            )
            return Reply(PasswordSetResult(message: receipt.message))
        }
    }
}

extension PasswordAuthenticateOperation {
    /// The request to Mosaic that these parameters ask for.
    fileprivate init(_ parameters: PasswordAuthenticate.Parameters) {
        self.init(
            username: Secret(parameters.username),
            password: parameters.password,
            usernameType: parameters.usernameType.flatMap { UsernameType(rawValue: $0.name) }
        )
        sessionID = parameters.sessionID
        organizationID = parameters.orgID
        resource = parameters.resource
        claims = parameters.claims
        clientAttributes = parameters.clientAttributes.map { attributes in
            Self.ClientAttributes(userAgent: attributes.userAgent, ipAddress: attributes.ipAddress)
        }
    }
}

extension PasswordCheckOperation.User {
    /// The user that the parameters name; the schema allows these three kinds.
    fileprivate init?(_ target: Target) {
        let value = Secret(copying: target.identifier.bytes)
        switch target.kind {
        case .username: self = .username(value)
        case .email: self = .email(value)
        case .phoneNumber: self = .phoneNumber(value)
        default: return nil
        }
    }
}

/// What the handlers of logins with a code or a link share.
extension AuthenticationDecision {
    /// The answer, with the reason of a denial for the audit record and for those who may know it.
    func reply(in context: CallContext) throws(CallFailure) -> Reply<AuthenticationResult> {
        switch self {
        case .granted(let tokens):
            Reply(.granted(try GrantedTokens(tokens)))
        case .denied(let reason):
            Reply(.denied(reason: context.mayKnowDetails ? reason.rawValue : nil), reason: reason.rawValue)
        }
    }
}

extension MosaicAPI.AuthenticationOptions {
    /// The options that parameters ask for.
    init(_ options: AgentProtocol.AuthenticationOptions) {
        self.init()
        requestID = options.requestID
        sessionID = options.sessionID
        organizationID = options.orgID
        resource = options.resource
        claims = options.claims
        clientAttributes = options.clientAttributes?.json
        deviceID = options.deviceID
    }
}

extension GrantedTokens {
    /// What the caller gets of the tokens that Mosaic has issued.
    ///
    /// - Throws: `upstream_protocol` without a session, which the contract promises for these calls.
    init(_ tokens: UserTokens) throws(CallFailure) {
        guard let sessionID = tokens.sessionID else {
            throw CallFailure(
                .upstreamProtocol,
                "Mosaic's answer breaks its contract",
                outcome: .unknown,
                reason: "no_session_id"
            )
        }
        self.init(
            accessToken: tokens.accessToken,
            tokenType: tokens.tokenType,
            expiresIn: Int(clamping: tokens.expiresIn),
            sessionID: sessionID,
            idToken: tokens.idToken,
            refreshToken: tokens.refreshToken,
            userID: tokens.userID,
            amr: tokens.authenticationMethods
        )
    }
}
