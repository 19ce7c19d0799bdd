/// What was decided about a user: part of a result, never an error. Unknown names are kept.
public struct Verdict: OpenName {
    /// The name on the wire, the member `verdict` of a result.
    public let name: String

    /// The verdict of that name.
    public init(_ name: String) { self.name = name }

    /// The user is who they claim to be.
    public static let granted = Verdict("granted")
    /// Not so; why is told only to callers whose rule says `Details=yes`.
    public static let denied = Verdict("denied")
    /// The password is right but must be replaced first.
    public static let passwordChangeRequired = Verdict("password_change_required")
    /// The browser has to go on at a URL before anything is granted.
    public static let `continue` = Verdict("continue")
    /// A send was taken on, which says nothing about whether the user exists.
    public static let accepted = Verdict("accepted")

    /// All that this version knows.
    package static let known: [Verdict] = [.granted, .denied, .passwordChangeRequired, .continue, .accepted]
}

/// A result that may carry a verdict.
public protocol VerdictBearing: Sendable {
    /// The verdict, for the audit record, the release grid and exit codes.
    var verdict: Verdict { get }
}
