import Crypto
import Secrets

extension MosaicClient {
    /// What tells refreshes apart without keeping the token: its digest.
    struct RefreshKey: Hashable, Sendable {
        let kind: UserTokenRefresh.Kind
        let digest: [UInt8]

        init(_ refresh: UserTokenRefresh) {
            var copy: [UInt8] = []
            refresh.refreshToken.withBytes { bytes in
                copy.reserveCapacity(bytes.count)
                for index in bytes.indices { copy.append(bytes[index]) }
            }
            kind = refresh.kind
            digest = Array(SHA256.hash(data: copy))
            copy.wipe()
        }
    }

    /// How long a refresh may take, whoever waits for it.
    static let refreshTimeout = Duration.seconds(30)

    package func refresh(_ refresh: UserTokenRefresh, call: UpstreamCall) async throws(APIFailure) -> UserTokens {
        try await refreshes.result(for: RefreshKey(refresh), call: call) { call in
            do throws(APIFailure) {
                switch refresh.kind {
                case .backend:
                    return .success(
                        try await self.perform(TokenRefreshOperation(refreshToken: refresh.refreshToken), call: call)
                    )
                case .oidc:
                    return .success(
                        try await self.perform(
                            TokenRefreshGrantOperation(refreshToken: refresh.refreshToken),
                            call: call
                        )
                    )
                }
            } catch {
                return .failure(error)
            }
        }
    }

    package func clientToken(
        resource: String?,
        minimumValidity: Duration,
        call: UpstreamCall
    ) async throws(APIFailure) -> IssuedClientToken {
        let token: ClientToken
        if let resource, resource != configuration.resource {
            token = try await resources.token(for: resource, uid: call.uid) { source throws(APIFailure) in
                try await source.token(validFor: minimumValidity, deadline: call.deadline)
            }
        } else {
            token = try await tokens.token(validFor: minimumValidity, deadline: call.deadline)
        }
        return IssuedClientToken(value: token.value, remaining: clock.now.duration(to: token.usableUntil))
    }
}
