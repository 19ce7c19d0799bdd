import AgentProtocol
package import MosaicAPI
import Synchronization

/// What carries out a method is told about the call beside its parameters.
package final class CallContext: UpstreamCallOwner {
    /// The call.
    package let call: Call
    /// The call's caller, with what became known of its unit.
    package let caller: Caller
    /// The agent's id of the call.
    package let callID: CallID
    /// The terms on which the access policy let it through; nil for methods that need no right.
    package let permit: AccessPermit?

    /// Where the status of Mosaic's answer is kept for the audit record.
    package let upstreamAnswer: UpstreamAnswer

    /// Whether the caller learns the reason beside the verdict.
    package var mayKnowDetails: Bool { permit?.details ?? false }

    /// The call's way to Mosaic: its deadline, its last word before the request leaves, and the note that the answer
    /// has come, after which `$/cancel` changes nothing.
    package var upstreamCall: UpstreamCall {
        UpstreamCall(deadline: call.deadline, uid: call.caller.uid, connection: call.connection, owner: self)
    }

    package func willSend() -> Bool { call.control.beginUpstream() }

    package func didAnswer(_ status: Int) {
        call.control.upstreamAnswered()
        upstreamAnswer.note(status)
    }

    package func maybeDecided() { upstreamAnswer.noteOpenAnswer() }

    private let configuredClient: ConfiguredClient?

    /// The context of a call.
    ///
    /// - Parameter client: the client that the access policy chose; nil for methods that need no right.
    package init(
        call: Call,
        caller: Caller,
        callID: CallID,
        permit: AccessPermit?,
        client: ConfiguredClient?,
        upstreamAnswer: UpstreamAnswer
    ) {
        self.call = call
        self.caller = caller
        self.callID = callID
        self.permit = permit
        self.configuredClient = client
        self.upstreamAnswer = upstreamAnswer
    }

    /// The client that the access policy chose for the call.
    ///
    /// - Throws: `internal` if there is none: the policy knows only clients of the same configuration.
    package var client: ConfiguredClient {
        get throws(CallFailure) {
            guard let configuredClient else {
                throw CallFailure(
                    .internal,
                    "the agent has no such client",
                    outcome: .notSent,
                    reason: "client_missing"
                )
            }
            return configuredClient
        }
    }

    /// Carries out an operation at Mosaic as the chosen client.
    func perform<Operation: APIOperation>(_ operation: Operation) async throws -> Operation.Output {
        try await client.service.perform(operation, call: upstreamCall)
    }

    /// Carries out an operation, and says what a conflict means for it.
    ///
    /// - Parameter conflict: The sentence for the caller when Mosaic answers that something exists already or not yet, and
    ///   not more than that.
    func perform<Operation: APIOperation>(
        _ operation: Operation,
        conflict: String
    ) async throws -> Operation.Output {
        let service = try client.service
        do throws(APIFailure) {
            return try await service.perform(operation, call: upstreamCall)
        } catch {
            guard error.kind == .conflict, error.cause == nil else { throw error }
            var failure = CallFailure(error)
            failure.message = conflict
            throw failure
        }
    }
}

/// The HTTP status of Mosaic's answer to a call, once there is one, and how many answers before may have been one.
package final class UpstreamAnswer: Sendable {
    private let noted = Mutex<(status: Int?, openAnswers: Int)>((nil, 0))

    /// The status, or nil while there was no answer.
    package var status: Int? { noted.withLock { $0.status } }

    /// How many answers left open whether they were a decision about the user.
    package var openAnswers: Int { noted.withLock { $0.openAnswers } }

    /// Keeps the status; of several the last.
    package func note(_ status: Int) {
        noted.withLock { $0.status = status }
    }

    /// Counts an answer that may have been a decision: a denial of the repeated request then counts for both.
    package func noteOpenAnswer() {
        noted.withLock { $0.openAnswers += 1 }
    }
}

/// A Mosaic client that the agent acts as, with what may be told about it.
///
/// A class because every call is handed one and it has many parts to copy.
package final class ConfiguredClient: Sendable {
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

/// The configured Mosaic clients by name, in the order of the configuration.
package struct ClientDirectory: Sendable {
    /// The clients in the order of the configuration.
    package let clients: [ConfiguredClient]
    private let byName: [String: ConfiguredClient]

    /// A directory; names are unique because the configuration says so.
    package init(_ clients: [ConfiguredClient]) {
        self.clients = clients
        self.byName = Dictionary(clients.map { ($0.name, $0) }, uniquingKeysWith: { first, _ in first })
    }

    /// The client of that name.
    package subscript(name: String) -> ConfiguredClient? { byName[name] }

    /// Whether any client talks to the emulator.
    package var isEmulated: Bool { clients.contains { $0.service.isEmulated } }
}
