import AgentClient
import AgentProtocol
import ArgumentParser
import StrictJSON

/// `mosaicctl user search`
struct UserSearchCommand: AgentCommand {
    static let title = "user search"
    static let configuration = CommandConfiguration(
        commandName: "search",
        abstract: "List users, page by page."
    )

    @OptionGroup var global: GlobalOptions
    @OptionGroup var call: CallOptions

    @Argument(help: "The beginning of an e-mail address or phone number. (default: all users)")
    var prefix: String?

    @Option(help: ArgumentHelp("A SCIM filter, such as 'status eq \"Active\"'.", valueName: "filter"))
    var search: String?

    @Option(help: ArgumentHelp("How many users to skip. (default: 0)", valueName: "count"))
    var offset: Int?

    @Option(
        help: ArgumentHelp(
            "How many users to show, at most \(UserSearch.Parameters.pageLimits.upperBound). "
                + "(default: \(UserSearch.Parameters.defaultPageLimit))",
            valueName: "count"
        )
    )
    var limit: Int?

    @Option(
        help: ArgumentHelp(
            "What to sort by: \(UserSearch.Parameters.sortFields.joined(separator: ", ")).",
            valueName: "field"
        )
    )
    var sort: String?

    @Flag(help: "Sort downwards.")
    var descending = false

    func report() async throws -> Report {
        var parameters = UserSearch.Parameters()
        parameters.search = search
        parameters.searchPrefix = prefix
        parameters.pageOffset = offset
        parameters.pageLimit = limit
        parameters.sortField = sort
        parameters.sortOrder = descending ? "desc" : nil
        let result = try await withAgent(.main) { [parameters] agent in
            try await agent.call(UserSearch.self, parameters, metadata: call.metadata(global))
        }
        return Report(
            text: Self.text(result, offset: offset ?? 0),
            result: JSONText { result.encode(to: &$0) },
            remark: Report.remark(omitted: result.omitted)
        )
    }

    private static func text(_ result: UserSearch.Result, offset: Int) -> String {
        var table = Table(["USER ID", "STATUS", "USER NAME", "E-MAIL", "PHONE NUMBER", "NAME"])
        for user in result.users {
            table.add([
                user["user_id"]?.string, user["status"]?.string, user["username"]?.string,
                user["email"]?["value"]?.string, user["phone_number"]?["value"]?.string, UserText.name(user["name"]),
            ])
        }
        var text = result.users.isEmpty ? "no users\n" : table.text
        if result.pageInfo.hasNextPage == true {
            let total = result.totalCount.map { " of \($0)" } ?? ""
            // What was left out whole has its place on the page.
            let passed = result.users.count + result.omitted.count { $0.hasPrefix("list[") }
            text += "\n\(result.users.count)\(total); more with --offset \(offset + passed)\n"
        }
        return text
    }
}
