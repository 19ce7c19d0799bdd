import StrictJSON

extension MosaicClient {
    /// The application that the client belongs to, by the claim `app_id` of its access token.
    ///
    /// - Returns: `nil` when the token does not say, for example because it is encrypted.
    /// - Throws: ``APIFailure`` with outcome `notSent`, when there is no token.
    package func applicationID(deadline: ContinuousClock.Instant) async throws(APIFailure) -> String? {
        let token = try await tokens.token(deadline: deadline)
        guard let appID = UnverifiedToken.payload(of: token.value)?["app_id"]?.string, !appID.isEmpty else {
            return nil
        }
        return appID
    }
}
