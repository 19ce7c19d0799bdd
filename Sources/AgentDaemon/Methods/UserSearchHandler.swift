package import AgentProtocol
import MosaicAPI

/// Carries out `user.search` by E37.
package struct UserSearchHandler: MethodHandler {
    package typealias Method = UserSearch

    private let clients: ClientDirectory

    /// A handler that acts as one of these clients.
    package init(clients: ClientDirectory) {
        self.clients = clients
    }

    package func handle(
        _ parameters: UserSearch.Parameters,
        in context: CallContext
    ) async throws -> Reply<UserSearch.Result> {
        let client = try clients.client(of: context)
        let page = try await client.perform(UserSearchOperation(parameters), call: context.upstreamCall)
        var omitted = OmittedNames()
        omitted.add(elements: page.users.omitted)
        let users = page.users.elements.enumerated().map { index, user in
            let result = UserResult(user.element)
            omitted.add(result.omitted, of: "users", at: index)
            return result.user
        }
        return Reply(
            UserSearch.Result(
                users: users,
                totalCount: page.totalCount,
                pageInfo: UserSearch.PageInfo(
                    hasNextPage: page.hasNextPage,
                    hasPreviousPage: page.hasPreviousPage
                ),
                omitted: omitted.list
            )
        )
    }
}

extension UserSearchOperation {
    /// The listing that these parameters ask for.
    fileprivate init(_ parameters: UserSearch.Parameters) {
        self.init(pageLimit: parameters.pageLimit ?? UserSearch.Parameters.defaultPageLimit)
        filter = parameters.search
        prefix = parameters.searchPrefix
        pageOffset = parameters.pageOffset
        sortField = parameters.sortField
        sortOrder = parameters.sortOrder
    }
}
