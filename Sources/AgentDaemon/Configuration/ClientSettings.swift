/// A `[Client NAME]` section: one Mosaic client that the agent acts as.
package struct ClientSettings: Sendable {
    /// Where the client's secret comes from.
    package enum SecretSource: Sendable, Hashable {
        /// `ClientSecretFile=`: an absolute path, read again on each reload.
        case file(String)
        /// The service credential of this name (`LoadCredential=`), fixed until the service restarts.
        case credential(String)
    }

    /// The section's name, 1–32 characters of `a–z 0–9 _ -`.
    package var name: String
    /// `ClientID=`
    package var clientID: String
    /// Where the secret was read from.
    package var secretSource: SecretSource
}
