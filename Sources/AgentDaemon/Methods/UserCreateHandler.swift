package import AgentProtocol
import MosaicAPI
import Secrets
import StrictJSON

/// Carries out `user.create` by E27.
package struct UserCreateHandler: MethodHandler {
    package typealias Method = UserCreate

    private let clients: ClientDirectory

    /// A handler that acts as one of these clients.
    package init(clients: ClientDirectory) {
        self.clients = clients
    }

    package func handle(
        _ parameters: UserCreate.Parameters,
        in context: CallContext
    ) async throws -> Reply<UserCreate.Result> {
        let client = try clients.client(of: context)
        let created = try await client.perform(
            UserCreateOperation(
                profile: MosaicUserProfile(parameters.profile),
                credentials: parameters.credentials.map { credentials in
                    UserCreateOperation.Credentials(
                        password: credentials.password,
                        forceReplace: credentials.forceReplace
                    )
                }
            ),
            in: context,
            conflict: "another user of the application has one of the identifiers"
        )
        let lacksPassword = parameters.credentials != nil && !created.credentialsSet
        let result = UserResult(created.user)
        return Reply(
            UserCreate.Result(
                user: result.user,
                credentialsSet: created.credentialsSet,
                omitted: result.omitted
            ),
            reason: lacksPassword ? "credentials_not_set" : nil
        )
    }
}

extension MosaicUserProfile {
    /// What the parameters say about a user, in Mosaic's form.
    init(_ profile: UserProfile) {
        self.init()
        email = profile.email.map { Secret(copying: $0.bytes) }
        phoneNumber = profile.phoneNumber.map { Secret(copying: $0.bytes) }
        username = profile.username.map { Secret(copying: $0.bytes) }
        secondaryEmails = profile.secondaryEmails
        secondaryPhoneNumbers = profile.secondaryPhoneNumbers
        name = profile.name.map { name in JSONText { name.encode(to: &$0) } }
        birthday = profile.birthday
        address = profile.address.map { address in JSONText { address.encode(to: &$0) } }
        language = profile.language
        picture = profile.picture
        externalUserID = profile.externalUserID.map { Secret(copying: $0.bytes) }
        externalAccountID = profile.externalAccountID
        customData = profile.customData
        customAppData = profile.customAppData
        delegatedAccess = profile.delegatedAccess.map { access in JSONText { access.encode(to: &$0) } }
    }
}
