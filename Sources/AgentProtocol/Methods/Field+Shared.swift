/// Parameters that several methods share, each with one schema and one text.
extension Field {
    /// `session_id` of an authentication: read with `optionalSecret`.
    static let joinedSessionID = Field(
        "session_id",
        .text(1...4096),
        isSensitive: true,
        doc: "An existing session to join, for a further factor. Without it a new session begins."
    )

    /// `org_id`: read with `optionalText`.
    static let orgID = Field("org_id", .text(1...256), doc: "The organization that a member logs in to.")

    /// `resource`: read with `optionalText`.
    static let resource = Field(
        "resource",
        .text(1...2048),
        doc: "The resource URI that becomes the audience of the access token; it must be set up at Mosaic."
    )

    /// `claims`: read with `optionalJSON`, forwarded as the same text.
    static let claims = Field(
        "claims",
        .freeObject(maximumBytes: ProtocolLimits.maximumFreeObjectBytes),
        doc: "Claims to be put into the tokens: an object as in OpenID Connect's `claims` parameter with the "
            + "members `id_token` and `access_token`. Passed on as the same text."
    )

    /// `client_attributes`: read with `optionalObject`.
    static let clientAttributes = Field(
        "client_attributes",
        .object(ClientAttributes.self),
        doc: "What is known of the end user's own client; never the agent or the caller."
    )

    /// `device_id`: read with `optionalText`.
    static let deviceID = Field(
        "device_id",
        .formed(.characters(80), 1...320),
        doc: "The device that the end user uses, as the application names it."
    )

    /// `email_content`: needs the right `mail-content`; read with `optionalObject`.
    static let emailContent = Field(
        "email_content",
        .object(EmailContent.self),
        right: FieldRight(.mailContent),
        doc: "The texts of the mail. It replaces the whole template: what is left out stays empty."
    )

    /// `custom_sms_input`: needs the right `mail-content`; read with `optionalObject`.
    static let customSMSInput = Field(
        "custom_sms_input",
        .object(CustomSMSInput.self),
        right: FieldRight(.mailContent),
        doc: "The text of the message and its sender."
    )

    /// `approval_data`: read with `optionalJSON`, forwarded and echoed as the same text.
    static let approvalData = Field(
        "approval_data",
        .flatObject(maximumCount: 10, maximumBytes: 4096),
        doc:
            "What the user approves with the code. Keys and values may only have letters, digits, `_`, `-` and `.`. It "
            + "comes back in the result, and in the ID token once the code has been checked."
    )

    /// `generate_request_id` of a send: read with `optionalBoolean`.
    static let generateRequestID = Field(
        "generate_request_id",
        .boolean,
        doc: "Whether to bind the code to this call: the result then has a `request_id`, without which the code is not "
            + "accepted. Default false."
    )

    /// `request_id` of an authentication: read with `optionalText`.
    static let requestID = Field(
        "request_id",
        .text(1...256),
        doc: "The `request_id` of the send, if one was asked for."
    )

    /// `replayed` beside `accepted`: read with `optionalBoolean`.
    static let replayed = Field(
        "replayed",
        .boolean,
        doc:
            "True if this is the answer of an earlier call under the same `meta.idempotency_key`: nothing was sent again."
    )

    /// `reason` beside a verdict: read with `optionalText`.
    static let reason = Field(
        "reason",
        .text(1...64),
        doc: "Why, for callers whose rule says `Details=yes`; the journal always has it."
    )
}

/// Members of results with tokens that several methods share, each with one schema and one text.
extension Field {
    /// `access_token` of a user: read with `secret`.
    static let grantedAccessToken = Field.required(
        "access_token",
        .anyText,
        isSensitive: true,
        doc: "The user access token."
    )

    /// `id_token`: read with `optionalSecret`.
    static let grantedIDToken = Field("id_token", .anyText, isSensitive: true, doc: "The ID token.")

    /// `user_id`: read with `optionalText`.
    static let grantedUserID = Field("user_id", .anyText, doc: "The user's id, the `sub` of the ID token.")

    /// `amr`: read with `optionalTexts`.
    static let grantedAMR = Field(
        "amr",
        .array(of: .anyText, maximumCount: 64),
        doc: "The methods the user has authenticated with, from the ID token."
    )
}

extension VerdictSchema {
    /// The schema of `denied`, which has nothing but the reason for those who may know it.
    static func denied(doc: String) -> VerdictSchema {
        VerdictSchema(.denied, [.reason], doc: doc)
    }
}
