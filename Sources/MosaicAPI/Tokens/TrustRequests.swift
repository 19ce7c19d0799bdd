import StrictJSON

/// The request of E2, `GET /oidc/jwks`: the public keys.
struct KeySetRequest: APIOperation {
    static let endpoint = APIEndpoint("key_set", .metadata)
    static var method: UpstreamRequest.Method { .get }
    var authorization: APIAuthorization { .none }

    func url(at endpoints: MosaicEndpoints) -> ServiceURL { endpoints.jwksURL }
    var requiredMembers: [RequiredMember] { [RequiredMember("keys", .array)] }

    func output(of response: UpstreamResponse) -> KeySet? { KeySet(parsing: response.body) }
    func output(of refusal: UpstreamError) -> Result<KeySet, APIFailure> {
        .failure(refusal.failure(refusal.kindByStatus))
    }
}

/// The request of E3, `GET /oidc/.well-known/openid-configuration`: only the issuer is taken from it.
struct IssuerRequest: APIOperation {
    static var endpoint: APIEndpoint { KeySetRequest.endpoint }

    func url(at endpoints: MosaicEndpoints) -> ServiceURL {
        endpoints.baseURL.appending(path: "oidc/.well-known/openid-configuration")
    }

    static var method: UpstreamRequest.Method { .get }
    var authorization: APIAuthorization { .none }
    var requiredMembers: [RequiredMember] { [RequiredMember("issuer", .text)] }

    func output(of response: UpstreamResponse) -> String? {
        guard let root = UpstreamJSON.root(of: response.body),
            let issuer = root["issuer"]?.string, !issuer.isEmpty
        else { return nil }
        return issuer
    }
    func output(of refusal: UpstreamError) -> Result<String, APIFailure> {
        .failure(refusal.failure(refusal.kindByStatus))
    }
}

extension MosaicClient {
    /// The keys and the issuer, fetched now.
    func fetchTrust(call: UpstreamCall) async -> Result<TrustAnchors, APIFailure> {
        do throws(APIFailure) {
            let keys = try await perform(KeySetRequest(), call: call)
            if let issuer = endpoints.issuer { return .success(TrustAnchors(keys: keys, issuer: issuer)) }
            return .success(TrustAnchors(keys: keys, issuer: try await perform(IssuerRequest(), call: call)))
        } catch {
            return .failure(error)
        }
    }
}
