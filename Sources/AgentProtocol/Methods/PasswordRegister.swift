public import Secrets
public import StrictJSON

/// `password.register`: a first password for a user who has none (Mosaic E28).
public enum PasswordRegister: AgentMethod {
    /// Whose, and which.
    public struct Parameters: WireObject {
        /// Mosaic's id of the user.
        public var userID: Identifier
        /// The password.
        public var password: Secret
        /// Whether it is temporary.
        public var forceReplace: Bool
        /// The login name to set.
        public var username: Identifier?
        /// Whether the complexity policy is applied; nil is true.
        public var enforceComplexity: Bool?
        /// The device that registers.
        public var deviceID: String?

        /// A first password; the optional fields are set afterwards.
        public init(userID: Identifier, password: Secret, forceReplace: Bool) {
            self.userID = userID
            self.password = password
            self.forceReplace = forceReplace
        }

        /// The schema of the parameters.
        public static let fields: [Field] =
            TargetRule.userID.fields() + [
                .newPassword, .forceReplace, .usernameToSet,
                Field("enforce_complexity", .boolean, doc: "Whether the complexity policy is applied. Default true."),
                .deviceID,
            ]

        /// Takes the values of the members.
        public init(reading object: ObjectReader) throws(SchemaViolation) {
            userID = try object.identifier("user_id")
            password = try object.secret("password")
            forceReplace = try object.boolean("force_replace")
            username = try object.optionalIdentifier("username")
            enforceComplexity = try object.optionalBoolean("enforce_complexity")
            deviceID = try object.optionalText("device_id")
        }

        /// Writes the members.
        public func encodeMembers(to writer: inout JSONWriter) {
            writer.member("user_id", userID)
            writer.member("password", password)
            writer.member("force_replace", forceReplace)
            writer.member("username", username)
            writer.member("enforce_complexity", enforceComplexity)
            writer.member("device_id", deviceID)
        }
    }

    /// That it is done.
    public typealias Result = PasswordSetResult

    /// What is known about the method.
    public static let descriptor = MethodDescriptor(
        of: Self.self,
        name: "password.register",
        summary: "Gives a user who has no password a first one.",
        doc: """
            A user who has one already is a `conflict`, and the password stays: `password.update` is the way to replace \
            it, and the agent never turns the one into the other. What is wrong with a refused password stands in \
            `data.violations`.
            """,
        requirement: .right(.credentials),
        target: .userID,
        retryClass: .effect,
        errors: .settingPassword
    )
}
