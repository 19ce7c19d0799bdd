package import AgentProtocol

/// Carries out one method: typed parameters in, typed result out.
///
/// Whatever happens before (access, limits) and after (release, audit, encoding) is the dispatcher's. A handler does not
/// log what callers sent.
package protocol MethodHandler<Method>: Sendable {
    /// The method it carries out.
    associatedtype Method: AgentMethod

    /// Does the work.
    ///
    /// - Throws: ``CallFailure``, or an `APIFailure` of the Mosaic client, which the dispatcher translates; any other error
    ///   is a bug and answered as `internal`.
    func handle(_ parameters: Method.Parameters, in context: CallContext) async throws -> Reply<Method.Result>
}

/// A handler's result with what the audit record keeps of it.
package struct Reply<Result: Sendable>: Sendable {
    /// What the caller gets.
    package var result: Result
    /// Why, in one word, for the audit record; for instance which of the reasons a `denied` has.
    package var reason: String?
    /// Whether a repeat of the send under the same `meta.idempotency_key` may get the same result from memory; false for
    /// results that hold a code or a link.
    package var isMemorable: Bool
    /// For the audit record, the hash of the user it was about, where the parameters have nothing else of the user.
    package var target: String?

    /// A reply.
    package init(_ result: Result, reason: String? = nil, isMemorable: Bool = true, target: String? = nil) {
        self.result = result
        self.reason = reason
        self.isMemorable = isMemorable
        self.target = target
    }
}
