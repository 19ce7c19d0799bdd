package import Logging

/// Whether the value of a piece of log metadata may be shown.
///
///     logger.info("Logged in", metadata: ["address": "\(address, sensitivity: .sensitive)"])
///
/// `JournalLogHandler` prints a sensitive value as `<redacted>`. This is for values that would merely be unwelcome in a
/// log; passwords and tokens are of a type that never prints.
package enum LogSensitivity: Int64, Sendable, Logger.MetadataValueAttributes.Attribute {
    /// Printed as `<redacted>`.
    case sensitive = 1
    /// Printed as it is, like a value without this mark.
    case `public` = 2
}

extension Logger.MetadataValue.StringInterpolation {
    /// Adds `value`, and marks the whole text with `sensitivity`; one sensitive part makes all of it sensitive.
    package mutating func appendInterpolation(
        _ value: some CustomStringConvertible & Sendable,
        sensitivity: LogSensitivity
    ) {
        self.appendInterpolation(value) { attributes in
            if attributes[LogSensitivity.self] != .sensitive { attributes[LogSensitivity.self] = sensitivity }
        }
    }
}
