package import Secrets
import StrictJSON

/// One field of a form, or one member of a JSON object, whose value may be secret.
package struct FormField: Sendable {
    /// The field's name.
    package let name: String
    /// Its value in UTF-8.
    package let value: Secret

    /// A field with a secret.
    package init(_ name: String, _ value: Secret) {
        self.name = name
        self.value = value
    }

    /// A field with text that is no secret.
    package init(_ name: String, _ value: String) {
        self.init(name, Secret(copying: value.utf8))
    }
}

extension UpstreamRequest.Body {
    /// A JSON object with the fields as strings, and the client's ID and secret behind them (E16).
    static func object(_ fields: [FormField], clientID: String, secret: Secret) -> UpstreamRequest.Body {
        let fields = fields + [FormField("client_id", clientID), FormField("client_secret", secret)]
        return .object(capacity: fields.reduce(64) { $0 + $1.name.utf8.count + 6 * $1.value.count + 6 }) { writer in
            for field in fields { writer.field(field.name, field.value) }
        }
    }
}
