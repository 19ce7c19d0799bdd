import StrictJSON

/// A user as Mosaic describes it (reference section 9, `ApiUser`).
package struct MosaicUser: Sendable {
    /// What is known of the user's password.
    struct Password: Sendable {
        /// Whether it must be replaced at the next login.
        let isTemporary: Bool
        /// When it was set, in milliseconds since 1970.
        let updatedAt: Int64?
    }

    /// The object as Mosaic wrote it, members of later versions included.
    package let object: ForwardedObject
    /// `user_id`.
    package let userID: String

    /// What is known of the user's password; `nil` when there is none.
    let password: Password?
    /// When the user was made, in milliseconds since 1970.
    let createdAt: Int64?

    /// Reads a user object.
    ///
    /// - Returns: `nil` when it lacks `user_id`, without which it is none.
    init?(_ value: JSONValue) {
        guard let userID = value["user_id"]?.string, !userID.isEmpty, let object = ForwardedObject(value) else {
            return nil
        }
        self.object = object
        self.userID = userID
        createdAt = value["created_at"].flatMap(Self.milliseconds)
        password = value["password_information"].flatMap { information in
            information["temporary"]?.boolean.map { isTemporary in
                Password(
                    isTemporary: isTemporary,
                    updatedAt: information["updated_at"].flatMap(Self.milliseconds)
                )
            }
        }
    }

    /// What the answer of E27, E31–E36 and E38 must have.
    static let requiredMembers = [RequiredMember("result.user_id", .text)]

    /// Reads the answer of E27, E31–E36 and E38: the user under `result`.
    init?(parsing body: [UInt8]) {
        // `{"result":{…}}` becomes `{"result":{"user":{…}}}`.
        guard let result = UpstreamJSON.root(of: body, deeper: 1)?["result"] else { return nil }
        self.init(result)
    }

    /// A time as a number. Only that of a password is documented as milliseconds; a number too small for that, which
    /// would be in the first months of 1970, is taken for seconds.
    private static func milliseconds(_ value: JSONValue) -> Int64? {
        guard let number = value.number, number.magnitude < 1e15 else { return nil }
        return Int64(number.magnitude < 1e10 ? number * 1000 : number)
    }
}
