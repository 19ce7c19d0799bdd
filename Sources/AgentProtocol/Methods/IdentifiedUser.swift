/// The parameters `identifier` and `identifier_type`, which codes and links name their user by.
enum IdentifiedUser {
    /// The rule by which the parameters are read, written and audited.
    static let rule = TargetRule.typed(value: "identifier", kind: "identifier_type", defaultKind: nil)

    /// The schema of the two.
    static let fields: [Field] = [
        .required(
            "identifier_type",
            .formed(.plain, 1...64),
            doc:
                "The kind of identifier: `email`, `phone_number`, `user_id`, `username` or a type that the application "
                + "has set up at Mosaic."
        ),
        .required(
            "identifier",
            .text(1...ProtocolLimits.maximumIdentifierBytes),
            doc: "The identifier, of the kind that `identifier_type` says. Compared byte for byte."
        ),
    ]
}
