import Foundation
import HTTPTypes
import MosaicSandbox
import TestSupport
import Testing

@Suite(.longTimeLimit)
struct `Sending a passcode (E20)` {
    @Test func `a mail with the code goes to the primary address`() async throws {
        try await SandboxHarness.run { sandbox in
            let userID = try await sandbox.createReachableUser()
            let answer = try await sandbox.sendCode()
            #expect(answer.status == 200)
            #expect(answer.json == ["message": "OTP sent"])
            let message = try #require(try await sandbox.outbox().first)
            let code = try #require(message["code"]?.string)
            #expect(code.count == 6 && code.allSatisfy(\.isNumber))
            #expect(message["channel"] == "email")
            #expect(message["kind"] == "one_time_code")
            #expect(message["to"] == "ann@example.com")
            #expect(message["user_id"]?.string == userID)
            #expect(message["time"] == "2027-01-15T08:00:00.000Z")
            #expect(message["text"]?.string?.contains(code) == true)
            #expect(message["subject"]?.string?.isEmpty == false)
            #expect(message["link"] == nil)
        }
    }

    @Test(
        arguments: [
            ("username", "ann"), ("email", "Ann@Example.com"), ("phone_number", "+16175551212"), ("user_id", ""),
        ]
    )
    func `identifier and channel are independent`(type: String, value: String) async throws {
        try await SandboxHarness.run { sandbox in
            let userID = try await sandbox.createReachableUser()
            let reference: [String: JSONValue] = [
                "identifier_type": .string(type), "identifier": .string(value.isEmpty ? userID : value),
            ]
            for channel in ["sms", "email"] {
                let code = try await sandbox.code(reference.merging(["channel": .string(channel)]) { $1 })
                #expect(try await sandbox.outbox().first?["channel"]?.string == channel)
                #expect(try await sandbox.tryCode(code, reference).status == 200)
            }
        }
    }

    @Test func `a direct code is in the answer and nowhere else`() async throws {
        try await SandboxHarness.run { sandbox in
            try await sandbox.createReachableUser()
            let answer = try await sandbox.sendCode(["channel": "direct"])
            #expect(answer.status == 200)
            let code = try #require(answer["code"]?.string)
            #expect(code.count == 6)
            #expect(try await sandbox.outbox().isEmpty)
            let granted = try await sandbox.tryCode(code)
            #expect(granted.status == 200)
            #expect(try await sandbox.identity(granted)["amr"] == ["otp"])
            #expect(try await sandbox.user()["email"]?["email_verified"] == false)
        }
    }

    @Test func `the request ID is made only when asked for`() async throws {
        try await SandboxHarness.run { sandbox in
            try await sandbox.createReachableUser()
            #expect(try await sandbox.sendCode(["generate_request_id": false])["request_id"] == nil)
            let identifier = try await sandbox.sendCode(["generate_request_id": true])["request_id"]?.string
            #expect(UUID(uuidString: identifier ?? "") != nil)
        }
    }

    @Test func `approval data is echoed`() async throws {
        try await SandboxHarness.run { sandbox in
            try await sandbox.createReachableUser()
            let data: JSONValue = ["amount": "100.00", "to_account": "A-1", "count": 3, "final": true]
            #expect(try await sandbox.sendCode(["approval_data": data])["approval_data"] == data)
        }
    }

    @Test func `another address of the call's gets the code, even for a user without one`() async throws {
        try await SandboxHarness.run { sandbox in
            try await sandbox.createUser()
            let code = try await sandbox.code(["custom_email": "other@example.com"])
            #expect(try await sandbox.outbox().first?["to"] == "other@example.com")
            #expect(try await sandbox.tryCode(code).status == 200)
            _ = try await sandbox.code(["channel": "sms", "custom_phone_number": "+4915112345678"])
            #expect(try await sandbox.outbox("?to=%2B4915112345678").count == 1)
        }
    }

    @Test func `a custom address verifies nothing of the user's`() async throws {
        try await SandboxHarness.run { sandbox in
            try await sandbox.createReachableUser()
            let code = try await sandbox.code(["custom_email": "other@example.com"])
            #expect(try await sandbox.tryCode(code).status == 200)
            #expect(try await sandbox.user()["email"]?["email_verified"] == false)
        }
    }

    @Test func `a mail of the caller's own replaces the whole template`() async throws {
        try await SandboxHarness.run { sandbox in
            try await sandbox.createReachableUser()
            let code = try await sandbox.code([
                "email_content": [
                    "subject": "Shop login", "headerText": "Hello", "footerText": "Bye", "senderName": "The Shop",
                    "primaryColor": "#6981FF",
                ]
            ])
            let message = try #require(try await sandbox.outbox().first)
            #expect(message["subject"] == "Shop login")
            #expect(message["from"] == "The Shop")
            #expect(message["text"]?.string == "Hello\n\n\(code)\n\nBye")
        }
    }

    @Test func `an SMS of the caller's own has code, app and sender`() async throws {
        try await SandboxHarness.run { sandbox in
            try await sandbox.createReachableUser()
            let code = try await sandbox.code([
                "channel": "sms",
                "custom_sms_input": ["custom_message": "{otp} for {app}, ok?", "sender_id": "Shop"],
            ])
            let message = try #require(try await sandbox.outbox().first)
            #expect(message["text"]?.string == "\(code) for Mosaic sandbox app, ok?")
            #expect(message["from"] == "Shop")
            #expect(message["to"]?.string == SandboxHarness.phone)
            #expect(message["subject"] == nil)
        }
    }

    @Test func `the app's settings decide length and look`() async throws {
        try await SandboxHarness.run { sandbox in
            try await sandbox.createReachableUser()
            try await sandbox.setPreferences(
                "email_otp",
                [
                    "codeLength": 8,
                    "message": ["primaryColor": "#000000", "subject": "Code for you", "from": "no-reply@shop.example"],
                ]
            )
            #expect(try await sandbox.code().count == 8)
            let message = try #require(try await sandbox.outbox().first)
            #expect(message["subject"] == "Code for you")
            #expect(message["from"] == "no-reply@shop.example")
        }
    }

    @Test func `who cannot get a code is refused as documented, and nothing is sent`() async throws {
        try await SandboxHarness.run { sandbox in
            try await sandbox.createUser("bare")
            try await sandbox.createReachableUser()
            func refused(_ extra: [String: JSONValue], _ status: Int, _ code: JSONValue) async throws {
                let answer = try await sandbox.sendCode(extra)
                #expect(answer.status == status)
                #expect(answer.errorCode == code)
                #expect(answer["message"]?.string?.isEmpty == false)
            }
            try await refused(["identifier": "nobody"], 404, "user_not_found")
            try await refused(["identifier_type": "loyalty_number"], 404, "user_not_found")
            try await refused(["identifier": "bare"], 404, "user_email_address_missing")
            try await refused(["identifier": "bare", "channel": "sms"], 404, "user_phone_number_missing")
            _ = try await sandbox.control(.put, "users/ann/status", ["status": "Disabled"])
            try await refused([:], 403, "user_not_active")
            try await sandbox.setPreferences("sms", .null)
            try await refused(["channel": "sms"], 403, "auth_login_preferences_missing")
            #expect(try await sandbox.outbox().isEmpty)
        }
    }

    @Test(
        arguments: [
            ["channel": .null], ["channel": "pigeon"], ["identifier": .null], ["identifier": ""],
            ["identifier_type": .null], ["identifier_type": 7], ["expires_in": 0], ["expires_in": "5"],
            ["expires_in": -1], ["generate_request_id": "yes"], ["approval_data": "x"],
            ["approval_data": ["a": ["b": "c"]]], ["approval_data": ["a b": "c"]], ["approval_data": ["a": "c d"]],
            [
                "approval_data": [
                    "a": 1, "b": 1, "c": 1, "d": 1, "e": 1, "f": 1, "g": 1, "h": 1, "i": 1, "j": 1, "k": 1,
                ]
            ],
            ["custom_email": "no address"], ["custom_phone_number": "0815"], ["email_content": [:]],
            ["email_content": ["subject": "x", "primaryColor": "blue"]], ["email_content": ["subject": 7]],
            ["custom_sms_input": ["custom_message": "{otp}"]], ["custom_sms_input": ["custom_message": "{app}"]],
            ["custom_sms_input": ["custom_message": .string("{otp}{app}" + String(repeating: "x", count: 131))]],
            ["custom_sms_input": ["custom_message": "{otp}{app}", "sender_id": "123456789012"]],
            ["device_id": .string(String(repeating: "x", count: 81))], ["client_attributes": ["ip_address": 1]],
        ] as [JSONValue]
    )
    func `a malformed call is refused with system_invalid_input`(extra: JSONValue) async throws {
        try await SandboxHarness.run { sandbox in
            try await sandbox.createReachableUser()
            let answer = try await sandbox.sendCode(extra.members ?? [:])
            #expect(answer.status == 400)
            #expect(answer.errorCode == "system_invalid_input")
            #expect(try await sandbox.outbox().isEmpty)
        }
    }

    @Test func `a call without client token is refused`() async throws {
        try await SandboxHarness.run { sandbox in
            let refused = try await sandbox.sendCode(token: "x")
            #expect(refused.status == 401)
            #expect(try await sandbox.tryCode("123456", token: "x").status == 401)
        }
    }
}
