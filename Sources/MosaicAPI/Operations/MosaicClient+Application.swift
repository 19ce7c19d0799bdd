import StrictJSON
import Synchronization

extension MosaicClient {
    /// What a token said of the application. It is read once, when the token is first looked at.
    struct KnownApplication: Sendable {
        /// The token.
        let token: UInt64
        /// Its claim `app_id`; `nil` if it has none that can be read.
        let id: String?
    }

    /// The application that the client belongs to, by the claim `app_id` of its access token.
    ///
    /// - Returns: `nil` when the token does not say, for example because it is encrypted.
    /// - Throws: ``APIFailure`` with outcome `notSent`, when there is no token.
    package func applicationID(deadline: ContinuousClock.Instant) async throws(APIFailure) -> String? {
        application(of: try await tokens.token(deadline: deadline))
    }

    /// The same as far as it is known without asking.
    package var knownApplicationID: String? {
        guard let token = heldToken else { return knownApplication.withLock { $0?.id } }
        return application(of: token)
    }

    private func application(of token: ClientToken) -> String? {
        knownApplication.withLock { known in
            if let known, known.token == token.identity { return known.id }
            let claim = UnverifiedToken.payload(of: token.value)?["app_id"]?.string
            let id = claim.flatMap { $0.isEmpty ? nil : $0 }
            known = KnownApplication(token: token.identity, id: id)
            return id
        }
    }
}
