import AgentProtocol
import Testing

@testable import AgentDaemon

/// What `--check-config` says about rules that limit the users.
@Suite struct UsersWarningTests {
    private static func warnings(allow: [String], users: [TargetPattern]) -> [String] {
        let rule = AccessRule(
            name: "r",
            conditions: [.uid(1)],
            clients: ["default"],
            grants: AccessGrants(allow, in: .main),
            users: users,
            details: false
        )
        return AccessWarnings.warnings(about: rule, in: .main).filter { $0.key == .users }.map(\.text)
    }

    @Test func `a method that the rule grants but can never allow is named`() {
        let mails = [TargetPattern(kind: .email, glob: "*@example.com")]
        #expect(
            Self.warnings(allow: ["login"], users: mails)
                == ["never allows link.authenticate, code.exchange: such calls name no user of these kinds"]
        )
        #expect(
            Self.warnings(allow: ["user.update", "user.create", "user.get"], users: mails)
                == ["never allows user.update: such calls name no user of these kinds"]
        )
        #expect(
            Self.warnings(allow: ["reset.send_sms_otp"], users: mails)
                == ["never allows reset.send_sms_otp: such calls name no user of these kinds"]
        )
        #expect(Self.warnings(allow: ["otp.send", "user.get"], users: mails).isEmpty)
        #expect(Self.warnings(allow: ["user.update"], users: [TargetPattern(kind: .userID)]).isEmpty)
        #expect(Self.warnings(allow: ["login", "users"], users: []).isEmpty)
    }
}
