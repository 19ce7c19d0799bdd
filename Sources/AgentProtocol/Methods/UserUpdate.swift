public import StrictJSON

/// `user.update`: change a user's profile (Mosaic E38).
public enum UserUpdate: AgentMethod {
    /// Which user, and what to change.
    public struct Parameters: WireObject, Hashable {
        /// Mosaic's id of the user.
        public var userID: Identifier
        /// The fields to change.
        public var profile: UserProfile
        /// `Active`, `Disabled` or `Pending`.
        public var status: String?

        /// What a user's status can be.
        public static let statuses = ["Active", "Disabled", "Pending"]

        /// A change.
        public init(userID: Identifier, profile: UserProfile = UserProfile(), status: String? = nil) {
            self.userID = userID
            self.profile = profile
            self.status = status
        }

        /// The schema of the parameters.
        public static let fields: [Field] =
            TargetRule.userID.fields() + UserProfile.fields + [
                Field("status", .choice(statuses), doc: "The state of the user; `Disabled` users cannot log in.")
            ]

        /// Takes the values of the members.
        public init(reading object: ObjectReader) throws(SchemaViolation) {
            userID = try object.identifier("user_id")
            profile = try UserProfile(reading: object)
            status = try object.optionalText("status")
            if profile.isEmpty, status == nil {
                throw SchemaViolation(.noneOf(Self.fields.map(\.name).filter { $0 != "user_id" }))
            }
        }

        /// Writes the members.
        public func encodeMembers(to writer: inout JSONWriter) {
            writer.member("user_id", userID)
            profile.encodeMembers(to: &writer)
            writer.member("status", status)
        }
    }

    /// The user after the change.
    public typealias Result = UserResult

    /// What is known about the method.
    public static let descriptor = MethodDescriptor(
        of: Self.self,
        name: "user.update",
        summary: "Changes the profile of a user.",
        doc: """
            Fields that are not given stay as they are; null is refused here, for it could be meant to delete. Objects and arrays replace the old ones whole; only \
            `custom_data` is merged, at its first level. Who may change the address that codes and links go to can take \
            the account over. An identifier that another user has is a `conflict` as far as Mosaic's words tell it from \
            another value that is refused, else `invalid_params`.
            """,
        requirement: .right(.users),
        target: .userID,
        choice: .atLeastOne(Parameters.fields.map(\.name).filter { $0 != "user_id" }),
        refusesNull: true,
        retryClass: .effect,
        errors: [
            .upstreamUnavailable, .upstreamRateLimited, .credentialRejected, .upstreamProtocol, .upstreamForbidden,
            .conflict, .notFound,
        ]
    )
}
