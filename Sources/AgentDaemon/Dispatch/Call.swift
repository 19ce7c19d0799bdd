package import AgentProtocol

/// One request on its way from a connection to its answer. It is shared by everything that serves it and never changes.
package final class Call: Sendable {
    /// The request as it was read: id, method, params.
    package let request: Request
    /// The socket it came in on, hence the method table that holds for it.
    package let socket: SocketKind
    /// Who is at the other end, as the kernel says, and systemd as far as it was asked.
    package let caller: Caller
    /// The connection's number, unique in this process's life.
    package let connection: UInt64
    /// When the request's line was complete.
    package let arrival: ContinuousClock.Instant
    /// When it must be answered: `arrival` + `meta.deadline_ms` (default 10 s, also when that member is malformed).
    package let deadline: ContinuousClock.Instant
    /// Where connection and dispatcher meet while the call runs.
    package let control: CallLifecycle
    /// The socket it came by in fact: a request for a credential is made into a call of the main socket's methods.
    package let entrance: ServedSocket
    /// Why the connection wants it refused; the dispatcher then only answers and records it.
    package let refusal: CallFailure?
    /// Whether it goes on until it is ended, and acts on nothing of the configuration that it began under.
    package let isOpenEnded: Bool
    /// Writes lines of notifications to the connection, whole ones with their LF, for calls that are open-ended; answers
    /// true once the kernel has taken them, false when the call was ended meanwhile or they cannot be read.
    package let notify: (@Sendable ([UInt8]) async -> Bool)?
    /// Whether the agent asks itself whether it still answers; such a ping leaves no audit record.
    package let isProbe: Bool
    /// Finds out the caller's unit; without it that stays as it is.
    package let unit: CallerUnitSource?

    /// A call; the connection makes it, tests may.
    package init(
        request: Request,
        socket: SocketKind,
        caller: Caller,
        connection: UInt64,
        arrival: ContinuousClock.Instant,
        deadline: ContinuousClock.Instant,
        control: CallLifecycle,
        entrance: ServedSocket? = nil,
        refusal: CallFailure? = nil,
        isOpenEnded: Bool = false,
        notify: (@Sendable ([UInt8]) async -> Bool)? = nil,
        isProbe: Bool = false,
        unit: CallerUnitSource? = nil
    ) {
        self.request = request
        self.socket = socket
        self.caller = caller
        self.connection = connection
        self.arrival = arrival
        self.deadline = deadline
        self.control = control
        self.entrance = entrance ?? ServedSocket(socket)
        self.refusal = refusal
        self.isOpenEnded = isOpenEnded
        self.notify = notify
        self.isProbe = isProbe
        self.unit = unit
    }
}
