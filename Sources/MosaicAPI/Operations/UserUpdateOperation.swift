/// The request of E38, `PUT /v1/users/{user_id}`: a merge into the profile.
package struct UserUpdateOperation: APIOperation {
    /// Mosaic's id of the user, in UTF-8.
    package var userID: [UInt8]
    /// The fields to change. Objects and arrays replace whole; `custom_data` merges at its first level.
    package var profile: MosaicUserProfile
    /// `Active`, `Disabled` or `Pending`.
    package var status: String?

    /// A change of a user.
    package init(userID: [UInt8], profile: MosaicUserProfile, status: String? = nil) {
        self.userID = userID
        self.profile = profile
        self.status = status
    }

    package static var endpoint: APIEndpoint { .userUpdate }

    package static var method: UpstreamRequest.Method { .put }

    package func url(at endpoints: MosaicEndpoints) -> ServiceURL { endpoints.user(userID) }

    package var target: UpstreamTarget? { UpstreamTarget(userID) }

    package var body: UpstreamRequest.Body? {
        .object(capacity: profile.capacity) { writer in
            profile.encodeMembers(to: &writer)
            writer.field("status", status)
        }
    }

    package var requiredMembers: [RequiredMember] { MosaicUser.requiredMembers }

    package func output(of response: UpstreamResponse) -> MosaicUser? { MosaicUser(parsing: response.body) }

    package func output(of refusal: UpstreamError) -> Result<MosaicUser, APIFailure> {
        .failure(UserErrorMapping.failure(refusal, of: .profile))
    }
}
