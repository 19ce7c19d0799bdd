/// Why a text was refused as a service URL. The description says what is allowed.
package enum ServiceURLError: Error, Hashable, CustomStringConvertible {
    /// The text contains a space, a control character or something outside ASCII.
    case forbiddenCharacter
    /// The text does not begin with `https://`.
    case scheme
    /// The host is missing or not a DNS name or IP address.
    case host
    /// The port is not a number from 1 to 65535.
    case port
    /// The path contains an empty, `.` or `..` segment or a character that must be percent-encoded.
    case path
    /// The URL carries a user name or password.
    case userInformation
    /// The URL carries a query or a fragment.
    case queryOrFragment
    /// The URL is plain `http` where that was not asked for.
    case insecure
    /// The URL is plain `http` to something else than a literal loopback address.
    case insecureBeyondLoopback

    /// What is wrong and what is allowed, in one sentence without any of the URL's own text.
    package var description: String {
        switch self {
        case .forbiddenCharacter: "a URL may contain printable ASCII characters only, without spaces"
        case .scheme: "a URL must begin with https:// (or http:// for a loopback address, if allowed)"
        case .host: "the host must be a DNS name, an IPv4 address or an IPv6 address in brackets"
        case .port: "the port must be a number from 1 to 65535"
        case .path: "the path may have no empty, . or .. segments, and special characters must be percent-encoded"
        case .userInformation: "a URL must not contain a user name or password"
        case .queryOrFragment: "a URL must have neither a query nor a fragment"
        case .insecure: "plain http is refused; use https, or allow insecure http for a loopback address"
        case .insecureBeyondLoopback: "plain http is allowed to a literal 127.0.0.0/8 address or [::1] only"
        }
    }
}
