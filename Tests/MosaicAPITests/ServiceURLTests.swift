import MosaicAPI
import Testing

struct `A service URL` {
    @Test(arguments: [
        ("https://api.eu.transmitsecurity.io/cis", "https://api.eu.transmitsecurity.io/cis"),
        ("https://api.transmitsecurity.io/cis/", "https://api.transmitsecurity.io/cis"),
        ("HTTPS://API.Example.COM", "https://api.example.com"),
        ("https://example.com:443/", "https://example.com"),
        ("https://example.com:8443/a/b", "https://example.com:8443/a/b"),
        ("https://10.0.0.1", "https://10.0.0.1"),
        ("https://[2001:db8::1]:8443/cis", "https://[2001:db8::1]:8443/cis"),
        ("https://example.com/%2Fok", "https://example.com/%2Fok"),
    ])
    func `is read and shown without a trailing slash`(text: String, shown: String) throws {
        #expect(try ServiceURL(text).description == shown)
    }

    @Test(arguments: [
        ("", ServiceURLError.scheme),
        ("example.com", .scheme),
        ("ftp://example.com", .scheme),
        ("https:/example.com", .scheme),
        ("https://", .host),
        ("https:///cis", .host),
        ("https://exa_mple.com", .host),
        ("https://-example.com", .host),
        ("https://example..com", .host),
        ("https://127.1", .host),
        ("https://127.0.0.256", .host),
        ("https://127.0.0.01", .host),
        ("https://[::1", .host),
        ("https://[:::1]", .host),
        ("https://[1:2:3:4:5:6:7]", .host),
        ("https://[1:2:3:4:5:6:7:8:9]", .host),
        ("https://[fe80::1%25eth0]", .host),
        ("https://[::1]8443", .port),
        ("https://example.com:", .port),
        ("https://example.com:0", .port),
        ("https://example.com:65536", .port),
        ("https://example.com:8x", .port),
        ("https://example.com/a//b", .path),
        ("https://example.com/../b", .path),
        ("https://example.com/./b", .path),
        ("https://example.com/%zz", .path),
        ("https://example.com/%2", .path),
        ("https://example.com/a\"b", .path),
        ("https://user@example.com", .userInformation),
        ("https://user:secret@example.com", .userInformation),
        ("https://example.com?x=1", .queryOrFragment),
        ("https://example.com/a#b", .queryOrFragment),
        ("https://exämple.com", .forbiddenCharacter),
        ("https://example.com/a b", .forbiddenCharacter),
        ("https://example.com/\r\nX: y", .forbiddenCharacter),
        ("http://example.com", .insecure),
        ("http://127.0.0.1:8080", .insecure),
    ])
    func `is refused with a reason`(text: String, reason: ServiceURLError) {
        #expect(throws: reason) { try ServiceURL(text) }
    }

    @Test(arguments: [
        "http://127.0.0.1:8080/cis", "http://127.255.255.254", "http://[::1]:80", "http://[0:0:0:0:0:0:0:1]",
    ])
    func `may be plain http to a literal loopback address when that is asked for`(text: String) throws {
        let url = try ServiceURL(text, allowInsecureHTTP: true)
        #expect(!url.isSecure)
        #expect(url.isLiteralLoopback)
    }

    @Test(arguments: [
        "http://localhost", "http://128.0.0.1", "http://[::2]", "http://[::1:1]", "http://127.0.0.1.example.com",
    ])
    func `may be plain http to nothing else`(text: String) {
        #expect(throws: ServiceURLError.insecureBeyondLoopback) { try ServiceURL(text, allowInsecureHTTP: true) }
    }

    @Test(arguments: ["https://example.com/cis", "https://example.com/cis/", "https://example.com/cis//"])
    func `is joined to a path with exactly one slash`(base: String) throws {
        let url = try ServiceURL(base)
        #expect(url.appending(path: "v1/users").description == "https://example.com/cis/v1/users")
        #expect(url.appending(path: "/v1/users/").description == "https://example.com/cis/v1/users")
        #expect(url.appending(path: "").description == "https://example.com/cis")
    }

    @Test(arguments: [
        ("ann", "ann"),
        ("+49170", "%2B49170"),
        ("a@b.example", "a%40b.example"),
        ("a/b", "a%2Fb"),
        ("a b", "a%20b"),
        ("50%", "50%25"),
        ("zoë", "zo%C3%AB"),
        ("日本", "%E6%97%A5%E6%9C%AC"),
        ("a?b#c", "a%3Fb%23c"),
        ("~a-b_c.d", "~a-b_c.d"),
        ("a\u{0}\r\n", "a%00%0D%0A"),
        (".", "%2E"),
        ("..", "%2E%2E"),
        ("...", "..."),
        ("", ""),
    ])
    func `takes any value as one percent-encoded segment`(value: String, encoded: String) throws {
        #expect(PercentEncoding.pathSegment(value.utf8) == encoded)
        #expect(try ServiceURL("https://x.example/u").appending(segment: value.utf8).path == "/u/" + encoded)
    }

    @Test func `escapes bytes that are no UTF-8 too`() {
        #expect(PercentEncoding.pathSegment([0xFF, 0x00, 0x80]) == "%FF%00%80")
    }
}

struct `The endpoints` {
    @Test(arguments: [
        (MosaicRegion.sandbox, "api.sbx.transmitsecurity.io", String?.none),
        (.us, "api.transmitsecurity.io", "https://userid.security"),
        (.eu, "api.eu.transmitsecurity.io", "https://eu.userid.security"),
        (.ca, "api.ca.transmitsecurity.io", "https://ca.userid.security"),
        (.au, "api.au.transmitsecurity.io", "https://au.userid.security"),
    ])
    func `of a region`(region: MosaicRegion, host: String, issuer: String?) {
        let endpoints = MosaicEndpoints(region: region)
        #expect(endpoints.baseURL.description == "https://\(host)/cis")
        #expect(endpoints.tokenURL.description == "https://\(host)/oidc/token")
        #expect(endpoints.jwksURL.description == "https://\(host)/cis/oidc/jwks")
        #expect(
            endpoints.url(of: PasswordAuthenticateOperation.endpoint).description
                == "https://\(host)/cis/v1/auth/password/authenticate"
        )
        #expect(endpoints.issuer == issuer)
        #expect(!endpoints.isEmulated)
        #expect(!endpoints.isInsecure)
    }

    @Test func `of a custom domain, each set apart`() throws {
        let endpoints = MosaicEndpoints(
            baseURL: try ServiceURL("https://login.example.com/cis"),
            tokenURL: try ServiceURL("https://token.example.com/cis/oidc/token"),
            jwksURL: try ServiceURL("https://keys.example.com/jwks"),
            issuer: "https://login.example.com"
        )
        #expect(endpoints.tokenURL.description == "https://token.example.com/cis/oidc/token")
        #expect(endpoints.jwksURL.description == "https://keys.example.com/jwks")
        #expect(endpoints.issuer == "https://login.example.com")
    }

    @Test func `tell an emulator and an insecure connection`() throws {
        let endpoints = MosaicEndpoints(
            baseURL: try ServiceURL("http://127.0.0.1:8080/cis", allowInsecureHTTP: true),
            issuer: MosaicEndpoints.emulatorIssuer
        )
        #expect(endpoints.isEmulated)
        #expect(endpoints.isInsecure)
        #expect(endpoints.tokenURL.description == "http://127.0.0.1:8080/oidc/token")
    }
}
