package import Foundation
package import GRDB

/// A mail or SMS that Mosaic would have sent.
package struct OutboxMessage: Sendable, Codable, FetchableRecord, MutablePersistableRecord {
    package static let databaseTableName = "outboxMessage"

    /// How it would travel.
    package enum Channel: String, Sendable, Codable, CaseIterable {
        case email
        case sms
    }

    /// What it is for.
    package enum Kind: String, Sendable, Codable, CaseIterable {
        case magicLink = "magic_link"
        case oneTimeCode = "one_time_code"
        case resetLink = "reset_link"
        case resetCode = "reset_code"
        case passwordUpdated = "password_updated"
    }

    /// Counts all messages of the database from 1, oldest first.
    package var id: Int64?
    /// By the sandbox's clock.
    package var time: Date
    package var channel: Channel
    package var kind: Kind
    /// Address or number, as it was given.
    package var recipient: String
    var recipientKey: String
    package var sender: String?
    package var subject: String?
    /// The text as a person reads it.
    package var text: String
    /// The code in it: a passcode, or what the link brings to the redirect URI.
    package var code: String?
    package var link: String?
    package var userID: String

    package mutating func didInsert(_ inserted: InsertionSuccess) { id = inserted.rowID }

    /// The message as the control routes show it.
    package var json: JSONValue {
        var object: [String: JSONValue] = [
            "id": .integer(id ?? 0), "time": .string(time.mosaicDateTime), "channel": .string(channel.rawValue),
            "kind": .string(kind.rawValue), "to": .string(recipient), "text": .string(text),
            "user_id": .string(userID),
        ]
        object.set("from", sender)
        object.set("subject", subject)
        object.set("code", code)
        object.set("link", link)
        return .object(object)
    }
}
