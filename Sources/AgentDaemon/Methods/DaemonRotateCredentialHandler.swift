import AgentProtocol

/// Carries out `daemon.rotate_credential`.
struct DaemonRotateCredentialHandler: MethodHandler {
    typealias Method = DaemonRotateCredential

    let steward: ConfigurationReloader

    func handle(
        _ parameters: DaemonRotateCredential.Parameters,
        in context: CallContext
    ) async throws -> Reply<DaemonRotateCredential.Result> {
        let result = try await steward.rotate(
            parameters.client,
            to: parameters.clientSecret,
            deadline: context.call.deadline
        )
        return Reply(result, reason: result.sourceReplaced ? nil : "source_differs")
    }
}
