import Foundation
import HTTPTypes
import MosaicSandbox
import TestSupport
import Testing

@Suite(.longTimeLimit)
struct `The identities of a user` {
    /// The members that the vendor's schema requires, and their types.
    private static let required = [
        "provider_name", "provider_type", "auth_type", "identifier", "first_auth_date", "last_auth_date",
    ]

    @Test func `have all required members from the first on`() async throws {
        try await SandboxHarness.run { sandbox in
            let userID = try await sandbox.createUser()
            let identities = try #require(try await sandbox.user()["identities"]?.elements)
            let identity = try #require(identities.first)
            #expect(identities.count == 1)
            for name in Self.required { #expect(identity[name]?.string?.isEmpty == false, "\(name)") }
            #expect(identity["auth_type"] == "password")
            #expect(identity["provider_type"] == "Native")
            #expect(identity["identifier"]?.string == userID)
            #expect(identity["user_alias"] == ["type": "username", "value": "ann"])
            #expect(identity["first_auth_date"] == "2027-01-15T08:00:00.000Z")
        }
    }

    @Test func `list each method that the user has logged in with, and when`() async throws {
        try await SandboxHarness.run { sandbox in
            let userID = try await sandbox.createReachableUser()
            sandbox.sandbox.clock.advance(by: 60)
            #expect(try await sandbox.login().status == 200)
            #expect(try await sandbox.tryCode(try await sandbox.code()).status == 200)
            #expect(try await sandbox.tryCode(try await sandbox.code(["channel": "sms"])).status == 200)
            let direct = try #require(try await sandbox.sendCode(["channel": "direct"])["code"]?.string)
            #expect(try await sandbox.tryCode(direct).status == 200)
            _ = try await sandbox.sendLink()
            let link = try #require(try await sandbox.outbox().first?["code"]?.string)
            #expect(try await sandbox.tryLink(link).status == 200)
            sandbox.sandbox.clock.advance(by: 60)
            #expect(try await sandbox.login().status == 200)
            #expect(try await sandbox.login("ann", "wrong").status == 401)

            let answer = try await sandbox.call(.get, "/cis/v1/users/\(userID)")
            let identities = try #require(answer["result"]?["identities"]?.elements)
            #expect(
                identities.compactMap { $0["auth_type"]?.string } == [
                    "password", "email_otp", "sms_otp", "direct_otp", "email_magic_link",
                ]
            )
            for identity in identities {
                for name in Self.required { #expect(identity[name]?.string?.isEmpty == false, "\(name)") }
                #expect(identity["first_auth_date"] == "2027-01-15T08:01:00.000Z")
            }
            #expect(identities[0]["last_auth_date"] == "2027-01-15T08:02:00.000Z")
            #expect(identities[1]["last_auth_date"] == "2027-01-15T08:01:00.000Z")
            #expect(identities[1]["user_alias"] == ["type": "email", "value": .string(SandboxHarness.email)])
            #expect(identities[2]["user_alias"] == ["type": "phone_number", "value": .string(SandboxHarness.phone)])
            // A search shows the same.
            let page = try await sandbox.call(.get, "/cis/v1/users")
            #expect(page["result"]?.elements?.first?["identities"] == answer["result"]?["identities"])
            let list = try await sandbox.call(.get, "/cis/v1/users/\(userID)/authenticators")
            let used = list.json.elements?.compactMap { $0["last_successful_authentication"]?.string }
            #expect(used?.first == "2027-01-15T08:02:00.000Z")
        }
    }
}
