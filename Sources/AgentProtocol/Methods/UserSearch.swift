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

        /// The members.
        public mutating func visit<V: MemberVisitor>(_ members: inout V) throws(V.Failure) {
            try members.optional(
                "search",
                &search,
                .text(1...8192),
                doc: "A filter in the language of SCIM (RFC 7644, section 3.4.2.2)."
            )
            try members.optional(
                "search_prefix",
                &searchPrefix,
                .text(1...ProtocolLimits.maximumIdentifierBytes),
                doc: "The beginning of the primary e-mail address or phone number."
            )
            try members.optional(
                "page_offset",
                &pageOffset,
                .integer(0...1_000_000_000),
                doc: "How many users to skip. Default 0."
            )
            try members.optional(
                "page_limit",
                &pageLimit,
                .integer(Self.pageLimits),
                doc: "How many users to answer at most. Default \(Self.defaultPageLimit)."
            )
            try members.optional(
                "sort_field",
                &sortField,
                .choice(Self.sortFields),
                doc: "What to sort by. Default `created_at`."
            )
            try members.optional(
                "sort_order",
                &sortOrder,
                .choice(Self.sortOrders),
                doc: "Upwards or downwards. Default `asc`."
            )
        }
    }

    /// One page.
    public struct Result: WireObject, MethodResult, Hashable {
        /// The users.
        public var users: [UserObject] = []
        /// How many users the search finds in all.
        public var totalCount: Int?
        /// What lies before and behind the page.
        public var pageInfo = PageInfo()
        /// What the answer leaves out of the page.
        public var omitted: [String] = []

        /// All members blank.
        public init() {}

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

        /// The members.
        public mutating func visit<V: MemberVisitor>(_ members: inout V) throws(V.Failure) {
            try members.required("users", &users, doc: "The users of the page.")
            try members.optional("total_count", &totalCount, doc: "How many users the search finds in all.")
            try members.required("page_info", &pageInfo, doc: "What lies before and behind the page.")
            try members.omittedElements(&omitted, of: "users")
        }
    }

    /// What lies before and behind a page.
    public struct PageInfo: WireObject, Hashable {
        /// Whether there is a page after this one.
        public var hasNextPage: Bool?
        /// Whether there is a page before this one.
        public var hasPreviousPage: Bool?

        /// All members blank.
        public init() {}

        /// Both may be unknown.
        public init(hasNextPage: Bool? = nil, hasPreviousPage: Bool? = nil) {
            self.hasNextPage = hasNextPage
            self.hasPreviousPage = hasPreviousPage
        }

        /// The members.
        public mutating func visit<V: MemberVisitor>(_ members: inout V) throws(V.Failure) {
            try members.optional("has_next_page", &hasNextPage, doc: "Whether there is a page after this one.")
            try members.optional("has_previous_page", &hasPreviousPage, doc: "Whether there is a page before this one.")
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
        public var userID = Identifier()

        /// All members blank.
        public init() {}

        /// The authenticators of a user.
        public init(userID: Identifier) { self.userID = userID }

        /// The members.
        public mutating func visit<V: MemberVisitor>(_ members: inout V) throws(V.Failure) {
            try members.identifier(.userID, &userID)
        }
    }

    /// The ways to log in, each as Mosaic describes it.
    public struct Result: WireObject, MethodResult, Hashable {
        /// The objects.
        public var authenticators: [JSONText] = []
        /// What the answer leaves out of the list.
        public var omitted: [String] = []

        /// All members blank.
        public init() {}

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

        /// The members.
        public mutating func visit<V: MemberVisitor>(_ members: inout V) throws(V.Failure) {
            try members.required(
                "authenticators",
                &authenticators,
                .array(of: .object(name: "UserAuthenticator", fields: Self.authenticator), maximumCount: .max),
                doc: "The ways to log in, as Mosaic describes them."
            )
            try members.omittedElements(&omitted, of: "authenticators")
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
