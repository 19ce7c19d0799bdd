package import MosaicAPI

/// A Mosaic client that the agent acts as, with what may be told about it.
package struct ConfiguredClient: Sendable {
    /// What it can be asked.
    package let service: any MosaicService
    /// The client id at Mosaic.
    package let clientID: String
    /// The host of the API, with the port if it is not the scheme's own.
    package let host: String
    /// How it proves itself.
    package let authentication: ClientSettings.AuthenticationMethod
    /// The certificate that it shows; nil when it shows none.
    package let certificate: CertificateExpiry?

    /// The name in the configuration.
    package var name: String { service.name }

    /// The application that it belongs to, as far as that is known: before its first token, by its own id.
    package var applicationID: String { service.knownApplicationID ?? clientID }

    /// A client and what may be told about it.
    package init(
        service: any MosaicService,
        clientID: String,
        host: String,
        authentication: ClientSettings.AuthenticationMethod,
        certificate: CertificateExpiry? = nil
    ) {
        self.service = service
        self.clientID = clientID
        self.host = host
        self.authentication = authentication
        self.certificate = certificate
    }
}
