/// `session.revoke`: end every backend session of a user (Mosaic E26).
public enum SessionRevoke: AgentMethod {
    /// Whose sessions.
    public typealias Parameters = SessionList.Parameters
    /// Nothing but that it is done.
    public typealias Result = EmptyResult

    /// What is known about the method.
    public static let descriptor = MethodDescriptor(
        of: Self.self,
        name: "session.revoke",
        summary: "Ends every backend session of a user.",
        doc: """
            Access tokens that were issued already stay valid until they expire. To be called after a password reset, \
            which ends no sessions by itself.
            """,
        requirement: .right(.sessionAdmin),
        target: SessionList.target,
        retryClass: .effect,
        errors: .upstream + [.notFound, .notConfigured]
    )
}
