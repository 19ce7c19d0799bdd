import MosaicAPI

extension ValueSyntax where Value == String {
    /// An absolute path.
    static let path = absolutePath(quotes: true, allowed: "an absolute path without . and .. in it", maximum: 4_095)

    /// The absolute path of a Unix socket: `sun_path` holds 108 bytes with a final NUL.
    static let socketPath = absolutePath(
        quotes: true,
        allowed: "an absolute path of at most 107 bytes without . and .. in it",
        maximum: 107
    )

    /// The absolute path of a file with a secret. The value is never quoted: it may be the secret itself.
    static let secretPath = absolutePath(
        quotes: false,
        allowed: "an absolute path, without . and .. in it, of a file that holds the secret",
        maximum: 4_095
    )

    /// A client identifier (RFC 6749, appendix A.1).
    static let clientID = identifier("a client identifier")

    /// The name of a key (RFC 7517, section 4.5).
    static let keyID = identifier("the name of a key")

    /// Printable ASCII without spaces.
    private static func identifier(_ noun: String) -> Self {
        ValueSyntax(
            allowed: "1 to 256 printable ASCII characters without spaces",
            parser: { text throws(BadValue) in
                guard text.utf8.count <= 256, text.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7F }) else {
                    throw BadValue("is not \(noun)")
                }
                return text
            },
            writer: { $0 }
        )
    }

    /// An issuer.
    static let issuer = comparedURL("an issuer")

    /// Whom an assertion is for.
    static let audience = comparedURL("an audience")

    /// An URL that is compared byte by byte: kept as it is written once it has the form of one.
    private static func comparedURL(_ noun: String) -> Self {
        ValueSyntax(
            allowed: "an https URL of a host without user name, query and fragment",
            parser: { text throws(BadValue) in
                do { _ = try ServiceURL(text) } catch { throw BadValue("is not \(noun): \(error)") }
                return text
            },
            writer: { $0 }
        )
    }

    /// The text of a service URL, whose value is not quoted: URLs are where passwords get pasted. Whether plain http
    /// is taken depends on another key, so here both are.
    static let url = ValueSyntax(
        allowed: "an https URL of a host without user name, query and fragment",
        parser: { text throws(BadValue) in
            do { _ = try ServiceURL(text, allowInsecureHTTP: true) } catch {
                throw BadValue("is not accepted: \(error)")
            }
            return text
        },
        writer: { $0 }
    )

    private static func absolutePath(quotes: Bool, allowed: String, maximum: Int) -> Self {
        ValueSyntax(
            allowed: allowed,
            parser: { text throws(BadValue) in
                func refuse(_ what: String) -> BadValue {
                    quotes ? BadValue(quoting: text, what) : BadValue(what)
                }
                guard text.utf8.first == UInt8(ascii: "/") else { throw refuse("is not an absolute path") }
                guard text.utf8.count <= maximum else {
                    throw refuse("is \(text.utf8.count) bytes long")
                }
                let parts = text.utf8.dropFirst().split(separator: UInt8(ascii: "/"), omittingEmptySubsequences: false)
                guard parts.allSatisfy({ !$0.isEmpty && !$0.elementsEqual(".".utf8) && !$0.elementsEqual("..".utf8) })
                else {
                    throw refuse("has an empty part, . or .. in it")
                }
                return text
            },
            writer: { $0 }
        )
    }
}

extension ValueSyntax where Value == TransportConfiguration.Proxy {
    /// `http://HOST:PORT`; not quoted, as user names and passwords are what is refused.
    static let proxy = ValueSyntax(
        allowed: "http://HOST:PORT without user name and path",
        parser: { text throws(BadValue) in
            let scheme = "http://"
            guard text.hasPrefix(scheme) else { throw BadValue("does not begin with http://") }
            let url: ServiceURL
            // The form is that of any service URL; only this one is meant to be plain http to another host.
            do { url = try ServiceURL("https://" + text.dropFirst(scheme.count)) } catch {
                throw BadValue("is not accepted: \(error)")
            }
            guard url.path.isEmpty else { throw BadValue("has a path") }
            let digits = text.utf8.reversed().prefix { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }
            guard !digits.isEmpty, text.utf8.dropLast(digits.count).last == UInt8(ascii: ":") else {
                throw BadValue("has no port")
            }
            return TransportConfiguration.Proxy(host: url.host, port: url.port)
        },
        writer: {
            $0.host.utf8.contains(UInt8(ascii: ":")) ? "http://[\($0.host)]:\($0.port)" : "http://\($0.host):\($0.port)"
        }
    )
}

extension ValueSyntax where Value == ClientSettings.AuthenticationMethod {
    /// The methods of Mosaic. The value is not quoted: it may be a secret in the wrong place.
    static let authentication = ValueSyntax(
        allowed: ClientSettings.AuthenticationMethod.allCases.map(\.rawValue).joined(separator: ", "),
        parser: { text throws(BadValue) in
            guard let method = ClientSettings.AuthenticationMethod(rawValue: text) else {
                throw BadValue("names no authentication method")
            }
            return method
        },
        writer: { $0.rawValue }
    )
}
