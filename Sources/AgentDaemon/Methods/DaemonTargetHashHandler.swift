import AgentProtocol

/// Carries out `daemon.target_hash` with the digest that names the targets of real calls.
struct DaemonTargetHashHandler: MethodHandler {
    typealias Method = DaemonTargetHash

    let digest: TargetDigest

    func handle(
        _ parameters: DaemonTargetHash.Parameters,
        in context: CallContext
    ) async throws -> Reply<DaemonTargetHash.Result> {
        let form: DaemonSettings.AuditTargets = digest.keySource == nil ? .plain : .hashed
        return Reply(
            DaemonTargetHash.Result(
                target: digest.text(of: parameters.user),
                form: form.rawValue,
                key: digest.keySource
            )
        )
    }
}

extension TargetDigest {
    /// The text for `MOSAIC_TARGET` of the user whom a call is about.
    func text(of target: Target) -> String {
        text(kind: target.kind.name, identifier: target.identifier.bytes)
    }
}
