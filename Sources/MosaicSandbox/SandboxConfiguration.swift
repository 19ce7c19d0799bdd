/// How a sandbox is set up.
package struct SandboxConfiguration: Sendable {
    /// File of the database; nil keeps everything in memory, gone when the sandbox stops.
    package var databasePath: String?
    /// Cost of password hashes.
    package var hashCost = PasswordHasher.Cost.standard
    /// PEM of the RSA key to sign tokens with when the database has none; nil makes one. Making one takes a while, so tests
    /// share one.
    package var signingKey: String?
    /// The client's redirect URIs in place of those it has; nil leaves them.
    package var redirectURIs: [String]?
    /// Whether the server speaks https; addresses in answers are made with it.
    package var isSecure = true
    /// Whether connections are TLS and may carry client certificates; false where requests come without connection.
    package var readsClientCertificates = false

    /// In memory, https, standard cost.
    package init() {}
}
