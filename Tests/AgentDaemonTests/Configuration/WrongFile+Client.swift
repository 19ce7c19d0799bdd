extension WrongFile {
    /// Wrong `[Client NAME]` sections.
    static let wrongClient: [WrongFile] = [
        .client("", line: 1, key: "Region", what: "must be set, or BaseURL=", allowed: "sandbox, us, eu, ca, au"),
        .client("Region=jp", key: "Region", what: "\"jp\"", allowed: "sandbox, us, eu, ca, au"),
        .client(
            "Region=eu\nBaseURL=https://a.example/cis",
            key: "Region",
            what: "beside BaseURL=",
            allowed: "one of the two"
        ),
        .client("BaseURL=ftp://a.example/cis", key: "BaseURL", what: "https://", allowed: "an https URL"),
        .client("BaseURL=https://a.example", key: "BaseURL", what: "/cis", allowed: "https://login.example.com/cis"),
        .client("BaseURL=http://127.0.0.1:80/cis", key: "BaseURL", what: "plain http", allowed: "InsecureHTTP=yes"),
        .client(
            "BaseURL=http://10.0.0.1/cis\nInsecureHTTP=yes",
            key: "BaseURL",
            what: "plain http",
            allowed: "an https URL"
        ),
        .client(
            "Region=eu\nTokenURL=https://u:p@a.example/x",
            line: 4,
            key: "TokenURL",
            what: "user name",
            allowed: "user name"
        ),
        .client("Region=eu\nJWKSURL=https://a.example/x?y", line: 4, key: "JWKSURL", what: "query", allowed: "query"),
        .client("Region=eu\nIssuer=someone", line: 4, key: "Issuer", what: "not an issuer", allowed: "an https URL"),
        .client(
            "Region=eu\nAuthentication=private_key_jwt",
            line: 4,
            key: "ClientKeyID",
            what: "must be set with private_key_jwt",
            allowed: "1 to 256 printable ASCII"
        ),
        .client(
            "Region=eu\nAuthentication=hunter2",
            line: 4,
            key: "Authentication",
            what: "names no authentication method",
            allowed: "client_secret_post, client_secret_basic, private_key_jwt, tls_client_auth, self_signed"
        ),
        .client(
            "Region=eu\nAuthentication=private_key_jwt\nClientKeyID=a b",
            line: 5,
            key: "ClientKeyID",
            what: "is not the name of a key",
            allowed: "1 to 256 printable ASCII"
        ),
        .client(
            "Region=eu\nAuthentication=private_key_jwt\nClientKeyID=a\nAssertionAudience=x",
            line: 6,
            key: "AssertionAudience",
            what: "is not an audience",
            allowed: "an https URL"
        ),
        .client(
            "Region=eu\nAuthentication=tls_client_auth\nCertificateExpiryWarning=2y",
            line: 5,
            key: "CertificateExpiryWarning",
            what: "out of range",
            allowed: "a time span from 0 to"
        ),
        .client(
            "Region=eu\nClientSecretFile=s",
            line: 4,
            key: "ClientSecretFile",
            what: "not an absolute path",
            allowed: "secret"
        ),
        .client(
            "Region=eu\nClientSecret=hunter2",
            line: 4,
            key: "ClientSecret",
            what: "secret has no place in this file",
            allowed: "ClientSecretFile=/path/to/file in [Client NAME], or the service credential NAME.secret"
        ),
        .client("Region=eu\nProxy=socks5://a:1", line: 4, key: "Proxy", what: "http://", allowed: "http://HOST:PORT"),
        .client(
            "Region=eu\nProxy=http://a.example",
            line: 4,
            key: "Proxy",
            what: "no port",
            allowed: "http://HOST:PORT"
        ),
        .client(
            "Region=eu\nProxy=http://a.example:3128\nInsecureHTTP=yes",
            line: 4,
            key: "Proxy",
            what: "is set beside InsecureHTTP=yes",
            allowed: "one of the two"
        ),
        .client(
            "BaseURL=http://127.0.0.1:80/cis\nInsecureHTTP=yes\nProxy=http://a.example:3128",
            line: 5,
            key: "Proxy",
            what: "is set beside InsecureHTTP=yes",
            allowed: "one of the two"
        ),
        .client(
            "Region=eu\nInsecureHTTP=maybe",
            line: 4,
            key: "InsecureHTTP",
            what: "not a boolean",
            allowed: "yes or no"
        ),
        .client("Region=eu\nCAFile=ca.pem", line: 4, key: "CAFile", what: "\"ca.pem\"", allowed: "an absolute path"),
        WrongFile(
            "no ClientID",
            "[Client default]\nRegion=eu\n[Access a]\nMatch=any\nClients=default\nAllow=login\n",
            line: 1,
            section: "Client default",
            key: "ClientID",
            what: "must be set",
            allowed: "printable ASCII"
        ),
        WrongFile(
            "no client",
            "[Access a]\n",
            line: nil,
            what: "has no client",
            allowed: "[Client NAME]"
        ),
    ]
}
