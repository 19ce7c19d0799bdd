package import Secrets
import StrictJSON

/// The request of E27, `POST /v1/users`.
package struct UserCreateOperation: APIOperation {
    /// The first password.
    package struct Credentials: Sendable {
        /// The password, in UTF-8.
        package let password: Secret
        /// Whether it is temporary and must be replaced at the first login. Always sent: Mosaic's default is true.
        package let forceReplace: Bool

        /// A first password.
        package init(password: Secret, forceReplace: Bool) {
            self.password = password
            self.forceReplace = forceReplace
        }
    }

    /// Who the user is.
    package var profile: MosaicUserProfile
    /// The first password, if there is to be one.
    package var credentials: Credentials?

    /// When it is sent, in seconds since 1970; see ``CreatedUser``.
    let requestedAt: Int64

    /// A new user.
    package init(
        profile: MosaicUserProfile,
        credentials: Credentials? = nil,
        requestedAt: Int64 = WallClock.secondsSince1970()
    ) {
        self.profile = profile
        self.credentials = credentials
        self.requestedAt = requestedAt
    }

    package static var endpoint: APIEndpoint { .userCreate }

    package func url(at endpoints: MosaicEndpoints) -> ServiceURL { endpoints.users }

    package var body: UpstreamRequest.Body? {
        .object(capacity: profile.capacity + 6 * (credentials?.password.count ?? 0)) { writer in
            profile.encodeMembers(to: &writer)
            if let credentials {
                writer.key("credentials")
                writer.beginObject()
                writer.field("password", credentials.password)
                writer.field("force_replace", credentials.forceReplace)
                writer.endObject()
            }
        }
    }

    package var requiredMembers: [RequiredMember] { MosaicUser.requiredMembers }

    package func output(of response: UpstreamResponse) -> CreatedUser? {
        MosaicUser(parsing: response.body).map { user in
            CreatedUser(user, asked: credentials, requestedAt: requestedAt)
        }
    }

    package func output(of refusal: UpstreamError) -> Result<CreatedUser, APIFailure> {
        .failure(UserErrorMapping.failure(refusal, of: credentials == nil ? .profile : .newPassword))
    }
}

/// What came of E27.
package struct CreatedUser: Sendable {
    /// The user, who may have existed before.
    package let user: MosaicUser
    /// Whether the password of the request is now the user's.
    package let credentialsSet: Bool

    /// Works out whether the password was set.
    ///
    /// E27 attaches a user whom the tenant knows already to the application and updates nothing, a password included.
    /// So the user that came back counts as having the new password only if both are new: user and password were made
    /// after the request was, and the password is temporary exactly if that was asked for. Clocks may differ by
    /// ``clockTolerance``; if they differ by more, the answer is no, which never hides an old password.
    ///
    /// - Parameter requestedAt: When the request was sent, in seconds since 1970.
    package init(_ user: MosaicUser, asked: UserCreateOperation.Credentials?, requestedAt: Int64) {
        self.user = user
        guard let asked, let password = user.password else {
            credentialsSet = false
            return
        }
        let earliest = (requestedAt - Self.clockTolerance) * 1000
        let isNew = [password.updatedAt, user.createdAt].allSatisfy { $0.map { $0 >= earliest } ?? false }
        credentialsSet = isNew && password.isTemporary == asked.forceReplace
    }

    /// Seconds by which Mosaic's clock may be behind the host's.
    static let clockTolerance: Int64 = 120
}
