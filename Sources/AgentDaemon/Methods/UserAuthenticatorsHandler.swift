package import AgentProtocol
import MosaicAPI

/// Carries out `user.authenticators` by E39.
package struct UserAuthenticatorsHandler: MethodHandler {
    package typealias Method = UserAuthenticators

    private let clients: ClientDirectory

    /// A handler that acts as one of these clients.
    package init(clients: ClientDirectory) {
        self.clients = clients
    }

    package func handle(
        _ parameters: UserAuthenticators.Parameters,
        in context: CallContext
    ) async throws -> Reply<UserAuthenticators.Result> {
        let client = try clients.client(of: context)
        let list = try await client.perform(
            UserAuthenticatorsOperation(userID: parameters.userID.bytes),
            call: context.upstreamCall
        )
        var omitted = OmittedNames()
        omitted.add(elements: list.omitted)
        let authenticators = list.elements.enumerated().map { index, authenticator in
            let object = authenticator.element.object
            var names = object.omitted
            let json = UserAuthenticators.Result.authenticator(object.json, omitted: &names)
            omitted.add(names, of: "authenticators", at: index)
            return json
        }
        return Reply(UserAuthenticators.Result(authenticators: authenticators, omitted: omitted.list))
    }
}
