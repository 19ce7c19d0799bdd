import StrictJSON

/// The query of E37, `GET /v1/users`.
package struct UserSearchOperation: APIOperation, Hashable {
    /// A SCIM filter.
    package var filter: String?
    /// A prefix of the primary email address or phone number.
    package var prefix: String?
    /// How many users to skip.
    package var pageOffset: Int?
    /// How many users to answer at most. Always sent: Mosaic's own default is not documented.
    package var pageLimit: Int
    /// `email`, `created_at`, `phone_number`, `last_auth` or `organization_added_at`.
    package var sortField: String?
    /// `asc` or `desc`.
    package var sortOrder: String?

    /// A search for all users.
    package init(pageLimit: Int) {
        self.pageLimit = pageLimit
    }

    /// The parameters that are given, under Mosaic's names.
    var parameters: [(name: String, value: [UInt8])] {
        let pairs: [(String, String?)] = [
            ("search", filter), ("search_prefix", prefix), ("page_offset", pageOffset.map(String.init)),
            ("page_limit", String(pageLimit)), ("sort_field", sortField), ("sort_order", sortOrder),
        ]
        return pairs.compactMap { name, value in value.map { (name: name, value: Array($0.utf8)) } }
    }

    package static var endpoint: APIEndpoint { .userListing }

    package static var method: UpstreamRequest.Method { .get }

    package func url(at endpoints: MosaicEndpoints) -> ServiceURL { endpoints.users.appending(query: parameters) }

    package var requiredMembers: [RequiredMember] { [RequiredMember("result", .array)] }

    package func output(of response: UpstreamResponse) -> UserPage? { UserPage(parsing: response.body) }

    package func output(of refusal: UpstreamError) -> Result<UserPage, APIFailure> {
        .failure(UserErrorMapping.failure(refusal, of: .profile))
    }
}

/// One page of users.
package struct UserPage: Sendable {
    /// The users, each as Mosaic wrote it.
    package let users: ForwardedList<MosaicUser>
    /// How many users the search finds in all.
    package let totalCount: Int?
    /// Whether there is a page after this one.
    package let hasNextPage: Bool?
    /// Whether there is a page before this one.
    package let hasPreviousPage: Bool?

    /// Reads the answer of E37; `nil` when it breaks the contract.
    init?(parsing body: [UInt8]) {
        // `{"result":[{…}]}` becomes `{"result":{"users":[{…}]}}`.
        guard let root = UpstreamJSON.root(of: body, deeper: 1), let elements = root["result"]?.elements else {
            return nil
        }
        users = ForwardedList(elements) { MosaicUser($0) }
        totalCount = root["total_count"]?.integer.flatMap { Int(exactly: $0) }
        hasNextPage = root["page_info"]?["has_next_page"]?.boolean
        hasPreviousPage = root["page_info"]?["has_previous_page"]?.boolean
    }
}
