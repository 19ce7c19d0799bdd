import Foundation
import Testing

/// The user whose way the journeys follow.
enum Ada {
    static let name = "ada"
    static let email = "ada@example.com"
    static let phoneNumber = "+16175550142"
    static let password = "Kanarienvogel-8-Ada-first!"
    /// What she chooses when she has forgotten the first one.
    static let newPassword = "Kanarienvogel-8-Ada-second!"

    /// In the form that `--seed-user` reads; both addresses are known to be hers.
    static let seed = user(forceReplace: false)
    /// With a password that somebody else has set.
    static let seedWithTemporaryPassword = user(forceReplace: true)

    private static func user(forceReplace: Bool) -> String {
        """
        {"username": "\(name)", "email": "\(email)", "email_verified": true, "phone_number": "\(phoneNumber)",
         "phone_number_verified": true, "credentials": {"password": "\(password)", "force_replace": \(forceReplace)}}
        """
    }
}

extension TestBed {
    /// The code or the link of the newest message to an address, as the user reads it.
    func received(_ part: String, at address: String) async throws -> String {
        try await sandbox.control("outbox", "--to", address, "--wait", "--last", part).trimmingCharacters(in: .newlines)
    }

    /// The verdict on a login with that password.
    func verdict(_ password: String, of user: String = Ada.name) throws -> String? {
        try agent.authenticate(user, password)["result"]?["verdict"]?.string
    }

    /// Checks that Ada's new password works and her old one does not any more.
    func expectNewPassword(sourceLocation: SourceLocation = #_sourceLocation) throws {
        #expect(try verdict(Ada.newPassword) == "granted", sourceLocation: sourceLocation)
        #expect(try verdict(Ada.password) == "denied", sourceLocation: sourceLocation)
    }

    /// Sets Ada's new password with the reset token in a file; the token is good for that once.
    func completeReset(tokenFile: String, sourceLocation: SourceLocation = #_sourceLocation) async throws {
        for status: Int32 in [0, 8] {
            let completed = try await agent.ctl(
                "reset",
                "complete",
                "--token-file",
                tokenFile,
                "--password-stdin",
                input: Ada.newPassword
            )
            #expect(completed.status == status, "\(completed.error)", sourceLocation: sourceLocation)
        }
    }
}
