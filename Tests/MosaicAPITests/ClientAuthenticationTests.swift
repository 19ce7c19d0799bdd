import Secrets
import Testing

@testable import MosaicAPI

struct `Client authentication` {
    private func url() throws -> ServiceURL { try ServiceURL("https://api.example.com/oidc/token") }

    @Test(arguments: [
        ("plain", "plain"),
        ("a b", "a+b"),
        ("a+b", "a%2Bb"),
        ("a&b=c", "a%26b%3Dc"),
        ("*-._", "*-._"),
        ("~", "%7E"),
        ("ü", "%C3%BC"),
        ("%", "%25"),
        ("a:b/c", "a%3Ab%2Fc"),
        ("\r\n", "%0D%0A"),
        ("", ""),
    ])
    func `encodes form fields byte by byte`(value: String, encoded: String) {
        var form = FormWriter()
        form.add("k", Secret(value))
        form.add("n", value.utf8)
        #expect(form.finish().text == "k=\(encoded)&n=\(encoded)")
    }

    @Test func `by post sends ID and secret in the form`() throws {
        let request = try ClientAuthentication.clientSecretPost(Secret("s&cret+1"))
            .tokenRequest(to: try url(), clientID: "id.example", resource: nil)
        #expect(request.body?.mediaType == "application/x-www-form-urlencoded")
        #expect(
            request.body?.bytes.text
                == "grant_type=client_credentials&client_id=id.example&client_secret=s%26cret%2B1"
        )
        guard case .none = request.authorization else {
            Issue.record("an Authorization header was sent")
            return
        }
    }

    @Test func `by basic sends only the grant in the form, and form-encodes before Base64`() throws {
        let request = try ClientAuthentication.clientSecretBasic(Secret("p:w d%"))
            .tokenRequest(to: try url(), clientID: "id:1", resource: "https://risk.identity.security")
        #expect(
            request.body?.bytes.text
                == "grant_type=client_credentials&resource=https%3A%2F%2Frisk.identity.security"
        )
        guard case .basic(let credentials) = request.authorization else {
            Issue.record("no basic credentials were sent")
            return
        }
        // Base64 of "id%3A1:p%3Aw+d%25".
        #expect(credentials.text == "aWQlM0ExOnAlM0F3K2QlMjU=")
    }

    @Test(arguments: [
        ("", ""), ("f", "Zg=="), ("fo", "Zm8="), ("foo", "Zm9v"), ("foob", "Zm9vYg=="), ("foobar", "Zm9vYmFy"),
    ])
    func `uses the Base64 of RFC 4648`(plain: String, encoded: String) {
        #expect(String(decoding: Base64.encode(Array(plain.utf8)), as: UTF8.self) == encoded)
        let unpadded = encoded.prefix { $0 != "=" }
        #expect(Base64.decodeURL(unpadded.utf8) == Array(plain.utf8))
    }

    @Test(arguments: ["A", "AAAAA", "+/==", "Zg==", "Z g", "é"])
    func `refuses what is no unpadded base64url`(text: String) {
        #expect(Base64.decodeURL(text.utf8) == nil)
    }

    @Test func `decodes every byte value in base64url`() {
        let bytes = Array(UInt8.min...UInt8.max)
        let standard = String(decoding: Base64.encode(bytes), as: UTF8.self)
        let url = standard.filter { $0 != "=" }.map { $0 == "+" ? "-" : $0 == "/" ? "_" : $0 }
        #expect(Base64.decodeURL(String(url).utf8) == bytes)
    }
}
