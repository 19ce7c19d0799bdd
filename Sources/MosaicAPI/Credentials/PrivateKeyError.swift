/// Why a file's content is no private key that a client can use. No text of it contains anything of the content.
package enum PrivateKeyError: Error, Sendable, Hashable, CaseIterable, CustomStringConvertible {
    /// There is no block with a private key.
    case notPEM
    /// The key is protected by a passphrase.
    case encrypted
    /// The key has the older form of PKCS#1 or SEC 1.
    case olderForm
    /// The key has the form of ssh-keygen(1).
    case openSSH
    /// The content is UTF-16, or no text at all.
    case notText
    /// There is more than one block.
    case notAlone
    /// It is of an algorithm that is not used for this.
    case unsupportedAlgorithm
    /// An RSA key below 2,048 bits.
    case tooShort
    /// The block does not hold what it says.
    case damaged
    /// The library refuses to sign.
    case cannotSign

    /// A phrase that follows the name of the file.
    package var description: String {
        switch self {
        case .notPEM: "holds no private key in PEM form"
        case .encrypted:
            "holds an encrypted key, and there is no one to ask for its passphrase; openssl pkey -in FILE -out NEW stores it "
                + "without one"
        case .olderForm: "holds a key in an older form; openssl pkcs8 -topk8 -nocrypt makes PKCS#8 of it"
        case .openSSH: "holds a key in OpenSSH's form; ssh-keygen -p -m PKCS8 -f FILE turns it into PKCS#8"
        case .notText:
            "holds NUL bytes: it is DER or UTF-16; openssl pkey -inform DER, or iconv -f UTF-16 -t ASCII, makes PEM of it"
        case .notAlone:
            "holds something beside one private key, such as a certificate; openssl pkey -in FILE -out NEW takes the key out"
        case .unsupportedAlgorithm: "holds a key of an algorithm or a curve that is not used here"
        case .tooShort: "holds an RSA key of less than 2048 bits"
        case .damaged: "holds a private key that is damaged"
        case .cannotSign: "holds a key that cannot sign"
        }
    }
}
