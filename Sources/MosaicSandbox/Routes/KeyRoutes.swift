/// E2: `GET /cis/oidc/jwks`. The keys that verify the sandbox's tokens.
struct KeysRoute: EndpointHandler {
    let endpoint = Endpoint.keys
    let services: SandboxServices

    func respond(to call: EndpointCall) async throws -> Reply {
        Reply(status: 200, body: services.keys.document)
    }
}

/// E3: `GET /cis/oidc/.well-known/openid-configuration`.
///
/// The issuer is the sandbox's reserved name; the addresses are those under which the caller reached it.
struct DiscoveryRoute: EndpointHandler {
    let endpoint = Endpoint.discovery

    func respond(to call: EndpointCall) async throws -> Reply {
        Reply(
            200,
            [
                "issuer": .string(SandboxIdentity.issuer),
                "token_endpoint": .string("\(call.origin)/oidc/token"),
                "jwks_uri": .string("\(call.origin)/cis/oidc/jwks"),
                "revocation_endpoint": .string("\(call.origin)/cis/oidc/token/revocation"),
                "grant_types_supported": ["client_credentials", "authorization_code", "refresh_token"],
                "response_types_supported": ["code"],
                "subject_types_supported": ["public"],
                "id_token_signing_alg_values_supported": ["RS256"],
                "token_endpoint_auth_methods_supported": [
                    "client_secret_basic", "client_secret_post", "private_key_jwt", "tls_client_auth",
                    "self_signed_tls_client_auth",
                ],
                "token_endpoint_auth_signing_alg_values_supported": ["RS256", "ES256"],
                "tls_client_certificate_bound_access_tokens": true,
                "claims_supported": [
                    "sub", "tid", "aud", "iss", "iat", "exp", "auth_time", "amr", "acr", "username", "email",
                    "email_verified", "phone_number", "phone_number_verified", "name", "given_name", "family_name",
                    "custom_data", "custom_app_data",
                ],
            ]
        )
    }
}
