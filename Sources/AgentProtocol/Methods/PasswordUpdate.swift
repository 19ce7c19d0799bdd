public import Secrets
public import StrictJSON

/// `password.update`: another password for a user who has one, without the old one (Mosaic E29).
public enum PasswordUpdate: AgentMethod {
    /// Whose, and which.
    public struct Parameters: WireObject {
        /// Mosaic's id of the user.
        public var userID: Identifier
        /// The password.
        public var password: Secret
        /// Whether it is temporary.
        public var forceReplace: Bool
        /// The device in use.
        public var deviceID: String?

        /// Another password.
        public init(userID: Identifier, password: Secret, forceReplace: Bool, deviceID: String? = nil) {
            self.userID = userID
            self.password = password
            self.forceReplace = forceReplace
            self.deviceID = deviceID
        }

        /// The schema of the parameters.
        public static let fields: [Field] =
            TargetRule.userID.fields() + [.newPassword, .forceReplace, .deviceID]

        /// Takes the values of the members.
        public init(reading object: ObjectReader) throws(SchemaViolation) {
            userID = try object.identifier("user_id")
            password = try object.secret("password")
            forceReplace = try object.boolean("force_replace")
            deviceID = try object.optionalText("device_id")
        }

        /// Writes the members.
        public func encodeMembers(to writer: inout JSONWriter) {
            writer.member("user_id", userID)
            writer.member("password", password)
            writer.member("force_replace", forceReplace)
            writer.member("device_id", deviceID)
        }
    }

    /// That it is done.
    public typealias Result = PasswordSetResult

    /// What is known about the method.
    public static let descriptor = MethodDescriptor(
        of: Self.self,
        name: "password.update",
        summary: "Replaces the password of a user, without the old one.",
        doc: """
            For administrators, and for users who were authenticated some other way. A user without a password is a \
            `conflict`: `password.register` sets the first one. What is wrong with a refused password, also that it was \
            used recently, stands in `data.violations`. The user's sessions stay; end them separately where that is wanted.
            """,
        requirement: .right(.credentials),
        target: .userID,
        retryClass: .effect,
        errors: .settingPassword
    )
}
