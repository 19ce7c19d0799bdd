import MosaicAPI

extension MethodRegistry {
    /// Adds the handlers of the methods about users and their passwords.
    package mutating func registerUserMethods(clients: ClientDirectory) {
        register(PasswordCheckHandler(clients: clients))
        register(PasswordRegisterHandler(clients: clients))
        register(PasswordUpdateHandler(clients: clients))
        register(PasswordRegisterOwnHandler(clients: clients))
        register(UserCreateHandler(clients: clients))
        register(UserGetHandler(clients: clients))
        register(UserSearchHandler(clients: clients))
        register(UserUpdateHandler(clients: clients))
        register(UserAuthenticatorsHandler(clients: clients))
    }
}

extension MosaicService {
    /// Carries out an operation, and says what a conflict means for it.
    ///
    /// - Parameter conflict: The sentence for the caller when Mosaic answers that something exists already or not yet, and
    ///   not more than that.
    func perform<Operation: APIOperation>(
        _ operation: Operation,
        in context: CallContext,
        conflict: String
    ) async throws -> Operation.Output {
        do throws(APIFailure) {
            return try await perform(operation, call: context.upstreamCall)
        } catch {
            guard error.kind == .conflict, error.cause == nil else { throw error }
            var failure = CallFailure(error)
            failure.message = conflict
            throw failure
        }
    }
}
