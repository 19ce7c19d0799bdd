import AgentProtocol
import ArgumentParser
import StrictJSON

/// The user a call is about, for methods with `identifier` and `identifier_type`.
struct IdentifierOptions: ParsableArguments {
    @Argument(help: "The user, by an identifier of the kind that --type says.")
    var identifier: String

    @Option(
        help: ArgumentHelp(
            "What sort of identifier it is: username, email, phone_number, user_id or a type of the application's own.",
            valueName: "type"
        )
    )
    var type = "username"

    func validate() throws {
        guard (1...ProtocolLimits.maximumIdentifierBytes).contains(identifier.utf8.count) else {
            throw ValidationError("the identifier must have 1 to \(ProtocolLimits.maximumIdentifierBytes) bytes")
        }
    }

    /// The user.
    var target: Target { Target(kind: IdentifierKind(type), identifier: Identifier(identifier)) }
}

/// What is said about a user, for creating and changing one.
struct ProfileOptions: ParsableArguments {
    @Option(help: ArgumentHelp("The primary e-mail address.", valueName: "address"))
    var email: String?

    @Option(help: ArgumentHelp("The primary phone number, such as +4915112345678.", valueName: "number"))
    var phoneNumber: String?

    @Option(help: ArgumentHelp("The login name, unique in the application.", valueName: "name"))
    var username: String?

    @Option(
        name: .customLong("external-user-id"),
        help: ArgumentHelp("The id in the tenant's system.", valueName: "id")
    )
    var externalUserID: String?

    @Option(
        name: .customLong("external-account-id"),
        help: ArgumentHelp("The id in the application's system.", valueName: "id")
    )
    var externalAccountID: String?

    @Option(help: ArgumentHelp("A further e-mail address; may be repeated.", valueName: "address"))
    var secondaryEmail: [String] = []

    @Option(help: ArgumentHelp("A further phone number; may be repeated.", valueName: "number"))
    var secondaryPhoneNumber: [String] = []

    @Option(help: ArgumentHelp("The title.", valueName: "text"))
    var title: String?

    @Option(help: ArgumentHelp("The first name.", valueName: "text"))
    var firstName: String?

    @Option(help: ArgumentHelp("The middle name.", valueName: "text"))
    var middleName: String?

    @Option(help: ArgumentHelp("The last name.", valueName: "text"))
    var lastName: String?

    @Option(help: ArgumentHelp("The birthday, a date-time.", valueName: "time"))
    var birthday: String?

    @Option(help: ArgumentHelp("The address, a JSON object with Mosaic's members.", valueName: "json"))
    var address: JSONObjectArgument?

    @Option(help: ArgumentHelp("The preferred language, such as en.", valueName: "tag"))
    var language: String?

    @Option(help: ArgumentHelp("The URL of a picture.", valueName: "url"))
    var picture: String?

    @Option(help: ArgumentHelp("Custom data of the tenant, a JSON object.", valueName: "json"))
    var customData: JSONObjectArgument?

    @Option(help: ArgumentHelp("Custom data of the application, a JSON object.", valueName: "json"))
    var customAppData: JSONObjectArgument?

    @Option(help: ArgumentHelp("Who may act for the user, a JSON object.", valueName: "json"))
    var delegatedAccess: JSONObjectArgument?

    /// What is said.
    ///
    /// - Throws: `CommandFailure` when one of the objects is none of Mosaic's.
    func profile() throws(CommandFailure) -> UserProfile {
        var profile = UserProfile()
        profile.email = email.map { Identifier($0) }
        profile.phoneNumber = phoneNumber.map { Identifier($0) }
        profile.username = username.map { Identifier($0) }
        profile.externalUserID = externalUserID.map { Identifier($0) }
        profile.externalAccountID = externalAccountID
        profile.secondaryEmails = secondaryEmail.isEmpty ? nil : secondaryEmail
        profile.secondaryPhoneNumbers = secondaryPhoneNumber.isEmpty ? nil : secondaryPhoneNumber
        let name = PersonName(title: title, firstName: firstName, middleName: middleName, lastName: lastName)
        profile.name = name == PersonName() ? nil : name
        profile.birthday = birthday
        profile.address = try address?.object(as: PostalAddress.self, option: "--address")
        profile.language = language
        profile.picture = picture
        profile.customData = customData?.json
        profile.customAppData = customAppData?.json
        profile.delegatedAccess = try delegatedAccess?.object(as: DelegatedAccess.self, option: "--delegated-access")
        return profile
    }
}

/// A JSON object as the value of an option.
struct JSONObjectArgument: ExpressibleByArgument {
    /// The object as it was written.
    let json: JSONText

    init?(argument: String) {
        // It becomes the third level of a request.
        guard
            let json = try? JSONText(parsing: Array(argument.utf8), maximumDepth: ProtocolLimits.maximumDepth - 2),
            json.value.kind == .object
        else { return nil }
        self.json = json
    }

    /// The object with known members only.
    func object<T: WireObject>(as type: T.Type, option: String) throws(CommandFailure) -> T {
        do throws(SchemaViolation) {
            return try T(checking: json.value)
        } catch {
            throw CommandFailure(.usage, "\(option): \(error)")
        }
    }
}

/// Whose records of the throttle are meant: a user's or a caller's.
struct ThrottleSubjectOptions: ParsableArguments {
    @Argument(
        help: ArgumentHelp("A user, by an identifier of the kind that --type says.", valueName: "user")
    )
    var identifier: String?

    @Option(
        help: ArgumentHelp(
            """
            What sort of identifier it is: username, email, phone_number, user_id, external_user_id or a type of the \
            application's own. (default: username)
            """,
            valueName: "type"
        )
    )
    var type: String?

    @Option(
        help: ArgumentHelp(
            "A user, by the hash of 32 digits that the audit trail and throttle list show.",
            valueName: "hash"
        )
    )
    var target: TargetHashArgument?

    @Option(help: ArgumentHelp("A caller, by its user id.", valueName: "number"))
    var uid: UInt32?

    /// How many of them are given.
    var count: Int { (identifier == nil ? 0 : 1) + (target == nil ? 0 : 1) + (uid == nil ? 0 : 1) }

    func validate() throws {
        if let identifier, !(1...ProtocolLimits.maximumIdentifierBytes).contains(identifier.utf8.count) {
            throw ValidationError("the identifier must have 1 to \(ProtocolLimits.maximumIdentifierBytes) bytes")
        }
        if type != nil, identifier == nil { throw ValidationError("--type says of what kind USER is: give both") }
    }

    /// What is given; nil for nothing.
    var subject: ThrottleSubject? {
        if let identifier {
            return .user(Target(kind: IdentifierKind(type ?? "username"), identifier: Identifier(identifier)))
        }
        return target.map { .target($0.hash) } ?? uid.map { .caller($0) }
    }
}

/// The value of `--target`.
struct TargetHashArgument: ExpressibleByArgument {
    let hash: TargetHash

    init?(argument: String) {
        guard let hash = TargetHash(argument) else { return nil }
        self.hash = hash
    }
}
