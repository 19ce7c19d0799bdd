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

    /// The failure that this answer is when it finds fault with a new password: each message is one violation.
    var passwordRejection: APIFailure {
        let code = body.code
        return failure(.passwordRejected)
            .with(violations: body.messages.map { APIFailure.Violation(code: code, message: $0) })
    }
}
