import AgentProtocol
import Systemd

/// What systemd asks for when it reads a credential of a unit from a Unix socket (`LoadCredential=`, systemd.exec(5)).
///
/// It sends nothing. What it wants stands in the address in the abstract namespace that it connects from, whose name is
/// `RANDOM/unit/UNIT/ID`; RANDOM is a number of 64 bits in hexadecimal digits.
struct CredentialRequest: Sendable, Hashable {
    /// The ID of the credential that is an access token of the client that the access rule means.
    static let plainID = "mosaic"
    /// What stands before the name of a client in the ID of a credential that is an access token of that client.
    static let clientPrefix = "mosaic."

    /// Which client's access token an ID stands for.
    enum Client: Sendable, Hashable {
        /// The only client of the access rule, or `default`.
        case implied
        /// The client of that name.
        case named(String)
    }

    /// The unit that the credential is for.
    let unit: String
    /// Which credential it is, as the unit calls it.
    let id: String

    /// The request in the name of an address, without the NUL at its front; nil if it is none.
    init?(abstractName name: [UInt8]) {
        let parts = name.split(separator: UInt8(ascii: "/"), omittingEmptySubsequences: false)
        guard parts.count == 4, (1...16).contains(parts[0].count), parts[0].allSatisfy(\.isHexadecimalDigit),
            parts[1].elementsEqual("unit".utf8), !parts[3].isEmpty, parts[3].allSatisfy(\.mayStandInCredentialID)
        else { return nil }
        // A unit that cannot have processes has no use for a credential, so systemd cannot be the one who asks.
        let unit = String(decoding: parts[2], as: UTF8.self)
        guard UnitName(unit)?.canHaveProcesses == true else { return nil }
        self.unit = unit
        id = String(decoding: parts[3], as: UTF8.self)
    }

    /// Which client's access token the credential is; nil if there is no credential of that ID.
    var client: Client? {
        if id == Self.plainID { return .implied }
        guard id.hasPrefix(Self.clientPrefix) else { return nil }
        let name = id.dropFirst(Self.clientPrefix.count)
        return ProtocolLimits.clientNameBytes.contains(name.utf8.count) ? .named(String(name)) : nil
    }
}

extension UInt8 {
    /// Whether it is a digit as printf(3) writes them for `%x`.
    fileprivate var isHexadecimalDigit: Bool {
        (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(self) || (UInt8(ascii: "a")...UInt8(ascii: "f")).contains(self)
    }

    /// Whether systemd takes it in the ID of a credential: printable ASCII, but neither `/`, which parts the address, nor
    /// the `:` of the setting.
    fileprivate var mayStandInCredentialID: Bool {
        self > 0x20 && self < 0x7F && self != UInt8(ascii: "/") && self != UInt8(ascii: ":")
    }
}
