/// The kinds of event that the agent's audit trail knows, each with the `MESSAGE_ID` it keeps for ever.
///
/// The agent writes them and `mosaicctl audit` reads them. The ids are random 128-bit numbers drawn once (sd-id128(3));
/// `journalctl MESSAGE_ID=…` finds a kind whatever the wording of its message, and the message catalogue explains it. An id
/// is never reused for something else. The raw value is the name in the output of `mosaicctl audit --json`.
package enum AuditEvent: String, Sendable, CaseIterable {
    /// A login, code, link or reset was accepted.
    case granted
    /// A login, code, link or reset was refused by Mosaic.
    case denied
    /// The password was right but must be changed first.
    case passwordChangeRequired = "password_change_required"
    /// A call without a verdict did what it was asked.
    case completed
    /// Local policy did not let the caller do this.
    case forbidden
    /// The user's budget of attempts or sends, or the caller's, was used up; nothing was sent.
    case throttled
    /// The call could not be decided or carried out.
    case failed
    /// The answer of a call that has its record already did not reach the caller after all.
    case answerLost = "answer_lost"
    /// Calls without effect that were too many to be recorded one by one.
    case summary
    /// Calls were refused or records lost because the caller's share of the audit queue was used up.
    case recordsLost = "records_lost"

    /// The event's `MESSAGE_ID`, 32 hexadecimal digits.
    package var messageID: String {
        switch self {
        case .granted: "18962e5e775744f39c214a47936fe87b"
        case .denied: "fced1af63fde4ab7a6a3c35c9178b4c1"
        case .passwordChangeRequired: "674128f3222f47489be530b5c131c5fd"
        case .completed: "7a2f6c0b142f41a39b3010eb6bdd5cc7"
        case .forbidden: "0a3da05efb0f49daafc2a5b55215baf4"
        case .throttled: "0f939d443a7d48798b1c676d2d6bb890"
        case .failed: "044e8b1dc60d421eb70e6b8eb51b7610"
        case .answerLost: "9db9b85d776c440d9c8a8be132c61c77"
        case .summary: "6a986a3c16664b8391cbc4ef5b047b14"
        case .recordsLost: "e641e61cf81f46748421ebeb8f34dad5"
        }
    }

    /// The event that has this `MESSAGE_ID`; nil for an id that is none of the audit trail's.
    package init?(messageID: String) {
        guard let event = Self.allCases.first(where: { $0.messageID == messageID }) else { return nil }
        self = event
    }
}
