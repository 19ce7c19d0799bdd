/// What can be told of refusals without a symbolic code.
extension Refusal {
    /// Whether it has one of the older shapes, which repeat the status in the body: an answer of the application, not of
    /// the network's edge.
    var isPlain: Bool { body.code == nil && body.legacyCode == status }

    /// Whether it is a 403 about a permission that the client lacks, which has no documented shape.
    var speaksOfPermissions: Bool {
        guard status == 403, body.code == nil, let message = body.message?.lowercased() else { return false }
        return message.hasPrefix("forbidden") || message.contains("permission")
    }

    /// Whether it is about a redirect URI that the application has not registered.
    ///
    /// Only the words tell: E18's are documented ("redirect_uri is not one of the allowed redirect URIs configured for
    /// this app"), those of other endpoints are taken to begin alike. What a validator says of a malformed one ("must
    /// be…") is another matter.
    var refusesRedirectURI: Bool {
        body.messages.contains { $0.lowercased().hasPrefix("redirect_uri is not") }
    }

    /// The failure that this answer is when it finds fault with a new password: each message is one violation.
    var passwordRejection: APIFailure {
        let code = body.code
        return failure(.passwordRejected)
            .with(violations: body.messages.map { APIFailure.Violation(code: code, message: $0) })
    }
}
