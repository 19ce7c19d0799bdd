public import StrictJSON

/// `user.search`: the users of the application, page by page (Mosaic E37).
public enum UserSearch: AgentMethod {
    /// Which users.
    public struct Parameters: WireObject, Hashable {
        /// A SCIM filter.
        public var search: String?
        /// A prefix of the primary e-mail address or phone number.
        public var searchPrefix: String?
        /// How many users to skip.
        public var pageOffset: Int?
        /// How many users to answer at most; nil is ``defaultPageLimit``.
        public var pageLimit: Int?
        /// What to sort by.
        public var sortField: String?
        /// `asc` or `desc`.
        public var sortOrder: String?

        /// How many users a page has that does not say.
        public static let defaultPageLimit = 50
        /// How many users a page may have: more would not fit into an answer.
        public static let pageLimits: ClosedRange<Int64> = 1...200
        /// What users can be sorted by.
        public static let sortFields = ["email", "created_at", "phone_number", "last_auth", "organization_added_at"]
        /// The directions of sorting.
        public static let sortOrders = ["asc", "desc"]

        /// All users; the conditions are set afterwards.
        public init() {}

        /// The schema of the parameters.
        public static let fields: [Field] = [
            Field("search", .text(1...8192), doc: "A filter in the language of SCIM (RFC 7644, section 3.4.2.2)."),
            Field(
                "search_prefix",
                .text(1...ProtocolLimits.maximumIdentifierBytes),
                doc: "The beginning of the primary e-mail address or phone number."
            ),
            Field("page_offset", .integer(0...1_000_000_000), doc: "How many users to skip. Default 0."),
            Field(
                "page_limit",
                .integer(pageLimits),
                doc: "How many users to answer at most. Default \(defaultPageLimit)."
            ),
            Field("sort_field", .choice(sortFields), doc: "What to sort by. Default `created_at`."),
            Field("sort_order", .choice(sortOrders), doc: "Upwards or downwards. Default `asc`."),
        ]

        /// Takes the values of the members.
        public init(reading object: ObjectReader) throws(SchemaViolation) {
            search = try object.optionalText("search")
            searchPrefix = try object.optionalText("search_prefix")
            pageOffset = try object.optionalInteger("page_offset").map { Int($0) }
            pageLimit = try object.optionalInteger("page_limit").map { Int($0) }
            sortField = try object.optionalText("sort_field")
            sortOrder = try object.optionalText("sort_order")
        }

        /// Writes the members.
        public func encodeMembers(to writer: inout JSONWriter) {
            writer.member("search", search)
            writer.member("search_prefix", searchPrefix)
            writer.member("page_offset", pageOffset)
            writer.member("page_limit", pageLimit)
            writer.member("sort_field", sortField)
            writer.member("sort_order", sortOrder)
        }
    }

    /// One page.
    public struct Result: WireObject, MethodResult, Hashable {
        /// The users.
        public var users: [UserObject]
        /// How many users the search finds in all.
        public var totalCount: Int?
        /// What lies before and behind the page.
        public var pageInfo: PageInfo
        /// What the answer leaves out of the page.
        public var omitted: [String]

        /// A page.
        public init(
            users: [UserObject],
            totalCount: Int? = nil,
            pageInfo: PageInfo = PageInfo(),
            omitted: [String] = []
        ) {
            self.users = users
            self.totalCount = totalCount
            self.pageInfo = pageInfo
            self.omitted = omitted
        }

        /// The schema of the members.
        public static let fields: [Field] = [
            .required("users", .array(of: UserObject.schema, maximumCount: .max), doc: "The users of the page."),
            Field("total_count", .count, doc: "How many users the search finds in all."),
            .required("page_info", .object(PageInfo.self), doc: "What lies before and behind the page."),
            .omittedElements(of: "users"),
        ]

        /// Takes the values of the members.
        public init(reading object: ObjectReader) throws(SchemaViolation) {
            users = try object.readers("users").map { reader throws(SchemaViolation) in
                try UserObject(reading: reader)
            }
            totalCount = try object.optionalInteger("total_count").map { Int($0) }
            pageInfo = try object.object("page_info")
            omitted = try object.optionalTexts("omitted") ?? []
        }

        /// Writes the members.
        public func encodeMembers(to writer: inout JSONWriter) {
            writer.key("users")
            writer.beginArray()
            for user in users { user.encode(to: &writer) }
            writer.endArray()
            writer.member("total_count", totalCount)
            writer.member("page_info", pageInfo)
            writer.omitted(omitted)
        }
    }

    /// What lies before and behind a page.
    public struct PageInfo: WireObject, Hashable {
        /// Whether there is a page after this one.
        public var hasNextPage: Bool?
        /// Whether there is a page before this one.
        public var hasPreviousPage: Bool?

        /// Both may be unknown.
        public init(hasNextPage: Bool? = nil, hasPreviousPage: Bool? = nil) {
            self.hasNextPage = hasNextPage
            self.hasPreviousPage = hasPreviousPage
        }

        /// The schema of the members.
        public static let fields: [Field] = [
            Field("has_next_page", .boolean, doc: "Whether there is a page after this one."),
            Field("has_previous_page", .boolean, doc: "Whether there is a page before this one."),
        ]

        /// Takes the values of the members.
        public init(reading object: ObjectReader) throws(SchemaViolation) {
            hasNextPage = try object.optionalBoolean("has_next_page")
            hasPreviousPage = try object.optionalBoolean("has_previous_page")
        }

        /// Writes the members.
        public func encodeMembers(to writer: inout JSONWriter) {
            writer.member("has_next_page", hasNextPage)
            writer.member("has_previous_page", hasPreviousPage)
        }
    }

    /// What is known about the method.
    public static let descriptor = MethodDescriptor(
        of: Self.self,
        name: "user.search",
        summary: "Lists the users of the application, page by page.",
        doc: """
            Without parameters the first \(Parameters.defaultPageLimit) users, the oldest first. A rule with `Users=` \
            does not allow it, since it is about no single user. A page of users with much custom data can be too large \
            for an answer: `result_too_large`; ask for a smaller one.
            """,
        requirement: .right(.users),
        retryClass: .read,
        errors: [
            .upstreamUnavailable, .upstreamRateLimited, .credentialRejected, .upstreamProtocol, .upstreamForbidden,
            .resultTooLarge,
        ]
    )
}

/// `user.authenticators`: the ways in which a user can log in (Mosaic E39).
public enum UserAuthenticators: AgentMethod {
    /// Which user.
    public struct Parameters: WireObject, Hashable {
        /// Mosaic's id of the user.
        public var userID: Identifier

        /// The authenticators of a user.
        public init(userID: Identifier) { self.userID = userID }

        /// The schema of the parameters.
        public static let fields: [Field] = TargetRule.userID.fields()

        /// Takes the values of the members.
        public init(reading object: ObjectReader) throws(SchemaViolation) {
            userID = try object.identifier("user_id")
        }

        /// Writes the members.
        public func encodeMembers(to writer: inout JSONWriter) {
            writer.member("user_id", userID)
        }
    }

    /// The ways to log in, each as Mosaic describes it.
    public struct Result: WireObject, MethodResult, Hashable {
        /// The objects.
        public var authenticators: [JSONText]
        /// What the answer leaves out of the list.
        public var omitted: [String]

        /// Ways to log in, each of which must be an object.
        public init(authenticators: [JSONText], omitted: [String] = []) {
            self.authenticators = authenticators
            self.omitted = omitted
        }

        /// A way to log in as Mosaic wrote it, without the members that have not the documented type.
        ///
        /// - Parameter omitted: Receives their names.
        package static func authenticator(_ json: JSONText, omitted: inout [String]) -> JSONText {
            json.leavingOutMistyped(authenticator, always: ["status", "registered_at"], omitted: &omitted)
        }

        private static let authenticator: [Field] = [
            .required("id", .anyText, doc: "Mosaic's id of the authenticator."),
            .required("type", .anyText, doc: "Such as `password`, `email_otp`, `sms_otp`, `direct_otp`, `totp`."),
            Field(
                "status",
                .anyText,
                doc:
                    "`Active`, `Registered`, `Locked`, `Deactivated` or `Deleted`; passwords and codes can be `Locked`."
            ),
            Field("registered_at", .anyText, doc: "Since when, a date-time."),
            Field("last_successful_authentication", .anyText, doc: "When it was last used, a date-time."),
            Field("last_failed_authentication", .anyText, doc: "When it was last refused, a date-time."),
            Field("extra_data", .anyObject, doc: "What belongs to the type."),
        ]

        /// The schema of the members.
        public static let fields: [Field] = [
            .required(
                "authenticators",
                .array(of: .object(name: "UserAuthenticator", fields: authenticator), maximumCount: .max),
                doc: "The ways to log in, as Mosaic describes them."
            ), .omittedElements(of: "authenticators"),
        ]

        /// Takes the values of the members.
        public init(reading object: ObjectReader) throws(SchemaViolation) {
            authenticators = try object.readers("authenticators").map { $0.value.rawText }
            omitted = try object.optionalTexts("omitted") ?? []
        }

        /// Writes the members.
        public func encodeMembers(to writer: inout JSONWriter) {
            writer.key("authenticators")
            writer.beginArray()
            for authenticator in authenticators { writer.raw(authenticator) }
            writer.endArray()
            writer.omitted(omitted)
        }
    }

    /// What is known about the method.
    public static let descriptor = MethodDescriptor(
        of: Self.self,
        name: "user.authenticators",
        summary: "Lists the ways in which a user can log in.",
        doc: "With the status of each: here it shows when a password or a code method is locked.",
        requirement: .right(.users),
        target: .userID,
        retryClass: .read,
        errors: [
            .upstreamUnavailable, .upstreamRateLimited, .credentialRejected, .upstreamProtocol, .upstreamForbidden,
            .notFound,
        ]
    )
}
