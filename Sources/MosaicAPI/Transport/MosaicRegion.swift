/// A Mosaic data region: the host its APIs are reached at and the issuer its tokens name.
///
/// The raw value is the word used in the configuration (`Region=eu`). A client works only in its own region.
package enum MosaicRegion: String, Sendable, Hashable, CaseIterable {
    /// Mosaic's own sandbox environment, not to be confused with the local emulator.
    case sandbox
    /// The United States, Mosaic's global production region.
    case us
    /// The European Union.
    case eu
    /// Canada.
    case ca
    /// Australia.
    case au

    /// The host name of the region's APIs.
    package var host: String {
        switch self {
        case .sandbox: "api.sbx.transmitsecurity.io"
        case .us: "api.transmitsecurity.io"
        case .eu: "api.eu.transmitsecurity.io"
        case .ca: "api.ca.transmitsecurity.io"
        case .au: "api.au.transmitsecurity.io"
        }
    }

    /// The `iss` claim of tokens signed with the tenant's global key, or `nil` where Mosaic documents none.
    ///
    /// Applications with a signing key or domain of their own have another issuer; it must then be configured.
    package var issuer: String? {
        switch self {
        case .sandbox: nil
        case .us: "https://userid.security"
        case .eu: "https://eu.userid.security"
        case .ca: "https://ca.userid.security"
        case .au: "https://au.userid.security"
        }
    }
}
