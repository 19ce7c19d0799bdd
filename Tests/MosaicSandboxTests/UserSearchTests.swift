import Foundation
import HTTPTypes
import MosaicSandbox
import TestSupport
import Testing

@Suite(.longTimeLimit)
struct `Searching users (E37)` {
    /// Ann, Bob and Cid, a minute apart; Cid has neither email nor phone, and only Bob ever logged in.
    private static func fill(_ sandbox: SandboxHarness) async throws {
        try await sandbox.createUser(
            "ann",
            extra: ["email": "Ann@example.com", "phone_number": "+16175551212", "name": ["last_name": "O\"Lee"]]
        )
        sandbox.sandbox.clock.advance(by: 60)
        try await sandbox.createUser("bob", extra: ["email": "bob@example.org", "language": "en"])
        _ = try await sandbox.login("bob")
        sandbox.sandbox.clock.advance(by: 60)
        try await sandbox.createUser("cid", extra: ["external_user_id": "c"])
    }

    private static func names(_ sandbox: SandboxHarness, _ query: String) async throws -> [String?] {
        let answer = try await sandbox.call(.get, "/cis/v1/users?\(query)")
        try #require(answer.status == 200, "\(answer.text)")
        return answer["result"]?.elements?.map { $0["username"]?.string } ?? []
    }

    @Test(
        arguments: [
            (#"email eq "ann@EXAMPLE.com""#, ["ann"]), (#"username sw "b""#, ["bob"]), (#"email ew ".org""#, ["bob"]),
            (#"email co "example""#, ["ann", "bob"]), ("email pr", ["ann", "bob"]), ("not (email pr)", ["cid"]),
            (#"status eq "Active""#, ["bob"]), (#"status ne "Active""#, ["ann", "cid"]),
            (#"email ne "bob@example.org""#, ["ann", "cid"]), (#"last_auth pr"#, ["bob"]),
            (#"created_at gt "2027-01-15T08:00:00Z""#, ["bob", "cid"]),
            (#"created_at le "2027-01-15T08:01:00.000Z""#, ["ann", "bob"]),
            (#"username eq "ann" or username eq "bob" and language eq "fr""#, ["ann"]),
            (#"(username eq "ann" or username eq "bob") and language eq "en""#, ["bob"]),
            (#"name.last_name eq "O\"Lee""#, ["ann"]), (#"EXTERNAL_USER_ID EQ "c""#, ["cid"]),
            (#"phone_number sw "+1617""#, ["ann"]), (#"username gt "ann""#, ["bob", "cid"]),
        ]
    )
    func `a filter finds`(filter: String, expected: [String]) async throws {
        try await SandboxHarness.run { sandbox in
            try await Self.fill(sandbox)
            #expect(try await Self.names(sandbox, "search=\(PercentText.encode(filter))") == expected)
        }
    }

    @Test(arguments: [
        "", "email", "email eq", "email eq ann", #"email is "x""#, #"shoe_size eq "43""#, #"emails[type eq "work"] pr"#,
        #"(email pr"#, #"email pr)"#, #"not email pr"#, #"email pr and"#, #"email eq "x"#, #"created_at eq "today""#,
        #"created_at co "2027-01-15T08:00:00Z""#, #"email eq "\x""#, "email pr email pr", "email eq true",
        String(repeating: "(", count: 40) + "email pr" + String(repeating: ")", count: 40),
        #"email eq "\#(String(repeating: "x", count: 5000))""#,
    ])
    func `a filter it does not understand is refused in shape A`(filter: String) async throws {
        try await SandboxHarness.run { sandbox in
            try await Self.fill(sandbox)
            let answer = try await sandbox.call(.get, "/cis/v1/users?search=\(PercentText.encode(filter))")
            #expect(answer.status == 400)
            #expect(answer.errorCode == 400)
            #expect(answer.message?.isEmpty == false)
            #expect(answer["message"]?.elements?.count == 1)
        }
    }

    @Test func `prefixes look at the primary email and phone`() async throws {
        try await SandboxHarness.run { sandbox in
            try await Self.fill(sandbox)
            #expect(try await Self.names(sandbox, "search_prefix=ANN%40") == ["ann"])
            #expect(try await Self.names(sandbox, "search_prefix=%2B1617") == ["ann"])
            #expect(try await Self.names(sandbox, "search_prefix=example") == [])
            #expect(try await Self.names(sandbox, "search_prefix=") == ["ann", "bob"])
        }
    }

    @Test(arguments: [
        ("", ["ann", "bob", "cid"]), ("sort_order=desc", ["cid", "bob", "ann"]),
        ("sort_field=email", ["ann", "bob", "cid"]), ("sort_field=email&sort_order=desc", ["cid", "bob", "ann"]),
        ("sort_field=last_auth", ["bob", "ann", "cid"]), ("sort_field=phone_number", ["ann", "bob", "cid"]),
        ("sort_field=organization_added_at&sort_order=desc", ["cid", "bob", "ann"]),
    ])
    func `users are sorted`(query: String, expected: [String]) async throws {
        try await SandboxHarness.run { sandbox in
            try await Self.fill(sandbox)
            #expect(try await Self.names(sandbox, query) == expected)
        }
    }

    @Test(arguments: [
        ("page_limit=2", ["ann", "bob"], true, false), ("page_limit=2&page_offset=2", ["cid"], false, true),
        ("page_offset=1&page_limit=1", ["bob"], true, true), ("page_offset=9", [], false, true),
        ("page_limit=3", ["ann", "bob", "cid"], false, false),
    ])
    func `pages tell what lies before and behind`(
        query: String,
        expected: [String],
        hasNext: Bool,
        hasPrevious: Bool
    ) async throws {
        try await SandboxHarness.run { sandbox in
            try await Self.fill(sandbox)
            #expect(try await Self.names(sandbox, query) == expected)
            let answer = try await sandbox.call(.get, "/cis/v1/users?\(query)")
            #expect(answer["total_count"] == 3)
            #expect(
                answer["page_info"] == [
                    "has_next_page": .boolean(hasNext), "has_previous_page": .boolean(hasPrevious),
                ]
            )
        }
    }

    @Test(arguments: [
        "page_limit=0", "page_limit=5001", "page_limit=x", "page_offset=-1", "sort_field=username", "sort_order=up",
    ])
    func `a wrong query is refused in shape A`(query: String) async throws {
        try await SandboxHarness.run { sandbox in
            let answer = try await sandbox.call(.get, "/cis/v1/users?\(query)")
            #expect(answer.status == 400)
            #expect(answer["message"]?.elements?.count == 1)
        }
    }
}
