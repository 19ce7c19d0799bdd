/// What the agent asks of one configured Mosaic client. ``MosaicClient`` is the implementation that talks to Mosaic.
///
/// A seam of its own so that what stands above it can be tested without HTTP.
package protocol MosaicService: MosaicTokenService {
    /// The client's name in the configuration.
    var name: String { get }

    /// Whether the client talks to the local emulator.
    var isEmulated: Bool { get }

    /// Whether any of the client's URLs is plain `http`.
    var isInsecure: Bool { get }

    /// Has Mosaic check a password (E17).
    ///
    /// The same as ``perform(_:call:)`` of this one operation, which the compiler can make code of its own for here: a generic
    /// requirement is looked up and laid out anew with every call.
    ///
    /// - Parameters:
    ///   - request: Identifier, password and options.
    ///   - call: The deadline of the whole operation, token fetch included, and the last word before the request leaves.
    /// - Returns: Mosaic's decision.
    /// - Throws: ``APIFailure`` when there is no decision; its outcome says whether the attempt may have counted.
    func authenticatePassword(
        _ request: PasswordAuthenticateOperation,
        call: UpstreamCall
    ) async throws(APIFailure) -> PasswordAuthenticationResult

    /// Carries out an operation of the API.
    ///
    /// - Parameters:
    ///   - operation: What to ask for; see the types that conform to ``APIOperation``.
    ///   - call: The deadline of the whole operation, token fetch included, and the last word before the request leaves.
    /// - Throws: ``APIFailure`` when there is no decision; its outcome says whether the operation may have had its effect.
    func perform<Operation: APIOperation>(
        _ operation: Operation,
        call: UpstreamCall
    ) async throws(APIFailure) -> Operation.Output

    /// The application that the client belongs to, by the claim `app_id` of its access token.
    ///
    /// - Returns: `nil` when the token does not say.
    /// - Throws: ``APIFailure`` with outcome `notSent`, when there is no token.
    func applicationID(deadline: ContinuousClock.Instant) async throws(APIFailure) -> String?

    /// The application that the client belongs to, as far as that is known without asking: by the claim `app_id` of the
    /// access token held now, or of the last one that was held.
    ///
    /// Cheap enough for every call. `nil` before the first token, and when the token does not say.
    var knownApplicationID: String? { get }

    /// Fetches a new access token now, also while fetches are held off after failures.
    ///
    /// - Throws: ``APIFailure`` with the reason when no token could be had before the deadline.
    func refreshToken(deadline: ContinuousClock.Instant) async throws(APIFailure)

    /// A snapshot of the client's health.
    var status: MosaicClientStatus { get }

    /// Keeps the access token fresh until the task is cancelled. Token fetches happen inside this call only, so
    /// nothing works without it. To be called once.
    func run() async

    /// Closes the connections once requests in flight have ended. To be called last.
    func shutdown() async
}
