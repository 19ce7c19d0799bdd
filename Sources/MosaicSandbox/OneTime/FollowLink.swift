import Foundation
import GRDB
import HTTPTypes
import Hummingbird

/// The links in mails and in E5's answer: pages of the sandbox that only send the browser on, with a code.
///
/// They may be opened more than once, as mail filters do; what they bring works once.
struct FollowLink: Sendable {
    /// Path of the route, below which the link's own part stands.
    static let path = "/_sandbox/follow"

    let services: SandboxServices

    /// Adds the route. It asks for no token: the link is the secret.
    func add(to router: Router<SandboxRequestContext>) {
        router.get("\(Self.path)/{link}") { _, context in
            try await response(context.parameters.get("link") ?? "")
        }
    }

    private func response(_ token: String) async throws -> Response {
        let digest = TokenIssuer.digest(token)
        let now = services.clock.now
        let link = try await services.store.read { db in try FollowLinkRecord.fetchOne(db, key: digest) }
        guard let link else { return Reply(.message(404, "No such link")).response }
        guard now < link.expiresAt else { return Reply(.message(410, "The link expired")).response }
        // The next page must not learn where the browser came from.
        let headers: HTTPFields = [.location: link.location, .cacheControl: "no-store"]
        return Response(status: .found, headers: headers)
    }
}

extension Database {
    /// Makes a link that leads to a redirect URI with that query, and returns its path.
    func makeLink(to redirectURI: String, _ query: [(String, String?)], until expiresAt: Date) throws -> String {
        let token = RandomText.base64URL(byteCount: 24)
        try execute(
            sql: "DELETE FROM followLink WHERE expiresAt < ?",
            arguments: [expiresAt.addingTimeInterval(-604_800)]
        )
        try FollowLinkRecord(
            digest: TokenIssuer.digest(token),
            location: RedirectURI.adding(query, to: redirectURI),
            expiresAt: expiresAt
        ).insert(self)
        return "\(FollowLink.path)/\(token)"
    }
}

/// Redirect URIs of clients.
enum RedirectURI {
    /// Whether a text can be registered: an absolute URI without fragment (RFC 6749, section 3.1.2).
    static func isValid(_ text: String) -> Bool {
        guard let components = URLComponents(string: text), let scheme = components.scheme, !scheme.isEmpty else {
            return false
        }
        guard text.isStorable else { return false }
        let isWeb = ["http", "https"].contains(scheme.lowercased())
        return components.fragment == nil && !text.contains("#") && (!isWeb || components.host?.isEmpty == false)
    }

    /// The URI with more query parameters; those without a value are left out.
    static func adding(_ query: [(String, String?)], to uri: String) -> String {
        let pairs = query.compactMap { name, value in
            value.map { "\(name)=\(ControlClient.segment($0))" }
        }
        let separator = !uri.contains("?") ? "?" : uri.hasSuffix("?") || uri.hasSuffix("&") ? "" : "&"
        return uri + separator + pairs.joined(separator: "&")
    }
}

/// What the user approves with a code (contract 3.10): a flat object of at most ten members.
enum ApprovalData {
    /// Reads the member `approval_data`; nil when it is absent.
    ///
    /// Names and texts are of letters, digits, `_`, `-` and `.` only. Numbers and booleans are taken to be allowed.
    static func read(_ fields: inout RequestFields) -> [String: JSONValue]? {
        guard let members = fields.freeObject("approval_data") else { return nil }
        if members.count > 10 { fields.report("approval_data must have at most 10 members") }
        for (name, value) in members.sorted(by: { $0.key < $1.key }) {
            let isAllowed =
                switch value {
                case .string(let text): isPlain(text)
                case .integer, .number, .boolean: true
                case .null, .array, .object: false
                }
            guard !isAllowed || name.isEmpty || !isPlain(name) else { continue }
            fields.report(
                "approval_data must be flat, its names and values of letters, digits, underscore, hyphen and period"
            )
            break
        }
        return members
    }

    private static func isPlain(_ text: String) -> Bool {
        text.utf8.allSatisfy { byte in
            switch byte {
            case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "_"), UInt8(ascii: "-"), UInt8(ascii: "."):
                true
            default: false
            }
        }
    }
}
