import NIOCore
import NIOPosix
import NIOSSL

/// The connections of one event loop to one host, and what waits for them. Confined to the loop.
///
/// The connection that was used last is used next, so the others grow old and are closed. What waits is served in the order of
/// ``ExchangeQueue``, as far as ``ConnectionShares`` lets each uid; both loops' pools share the latter through their
/// ``HostCoordinator``.
final class HostPool {
    /// The most connections that are being set up at a time: a handshake keeps the loop from everything else.
    private static let maximumConnecting = 16
    /// The most connections whose responses are waited for although their callers have given up, so that short deadlines do
    /// not make a connection for each call.
    private static let maximumDraining = 8
    /// How long they are waited for.
    private static let drainTime = Duration.seconds(30)
    /// New connections in a row that a server may close before that fails what waits.
    private static let maximumUnused = 16
    /// From how many waiting exchanges on the pools of other loops are asked for idle connections: more than can be set up here
    /// at a time.
    private static let longQueue = maximumConnecting + 1
    /// How many exchanges may leave the queue by themselves before it is swept.
    private static let sweepThreshold = 64

    let limits: HTTP1ResponseReader.Limits
    private let eventLoop: any EventLoop
    private let endpoint: Endpoint
    private let settings: PoolSettings
    private let coordinator: HostCoordinator
    private var position = 0
    private var encoder: RequestEncoder
    private var queue = ExchangeQueue<Exchange>()
    private var garbage = 0
    private var idle: [PooledConnection] = []
    private var connections: [PooledConnection] = []
    private var connecting = 0
    private var draining = 0
    /// New connections in a row that were closed before anything was written to them.
    private var unusedInARow = 0
    private var isPumping = false
    /// Pools that were asked for idle connections and have not said yet how many they have.
    private var asked = 0
    private var isShutDown = false
    private var reaper: RepeatedTask?
    private var timer: (due: ContinuousClock.Instant, task: Task<Void, Never>)?

    /// A pool without connections.
    init(eventLoop: any EventLoop, endpoint: Endpoint, settings: PoolSettings, coordinator: HostCoordinator) {
        self.eventLoop = eventLoop
        self.endpoint = endpoint
        self.settings = settings
        self.coordinator = coordinator
        limits = settings.limits
        encoder = RequestEncoder(host: endpoint.hostField, userAgent: settings.userAgent)
        position = coordinator.join(NIOLoopBound(self, eventLoop: eventLoop))
    }

    /// Whether the pool is that of the host of `url`.
    func serves(_ url: ServiceURL) -> Bool { endpoint.matches(url) }

    // MARK: Exchanges

    /// Has an exchange carried out, whose caller waits already.
    func submit(_ exchange: Exchange) {
        guard !isShutDown else {
            exchange.end(.failure(TransportFailure(.shutDown, mayHaveBeenSent: false)))
            return
        }
        arm(for: exchange.call.deadline)
        if queue.isEmpty, let connection = takeIdle() {
            if coordinator.begin(exchange.call.uid) { return start(exchange, on: connection) }
            idle.append(connection)
        }
        queue.append(exchange, uid: exchange.call.uid, caller: exchange.call.connection)
        pump()
    }

    /// An exchange was given up by its caller.
    func gaveUp(_ exchange: Exchange, leaving: Exchange.GivenUp) {
        switch leaving {
        case .nothing: break
        case .leavesQueue:
            garbage += 1
            if garbage > Self.sweepThreshold, 2 * garbage > queue.count { sweepQueue() }
        case .leavesConnection:
            if let connection = connections.first(where: { $0.exchange === exchange }) { abandon(connection) }
        }
    }

    /// Gives connections to what waits, and opens more if need be.
    func pump() {
        // Starting an exchange can end it, and that comes here again.
        guard !isPumping else { return }
        isPumping = true
        // Before it is looked at what there is: what another loop gives back afterwards is told, what it gave before is seen.
        if !queue.isEmpty { coordinator.waits(at: position) }
        while !queue.isEmpty, let connection = takeIdle() {
            guard let exchange = takeNext() else {
                idle.append(connection)
                break
            }
            start(exchange, on: connection)
        }
        while !queue.isEmpty, !isShutDown, connecting < min(Self.maximumConnecting, queue.count),
            queue.contains(where: { coordinator.mayBegin($0) }), coordinator.openConnection(at: position)
        {
            connect()
        }
        if queue.count >= Self.longQueue, asked == 0, !isShutDown, queue.contains(where: { coordinator.mayBegin($0) }) {
            asked = coordinator.askForIdle(at: position)
        }
        isPumping = false
    }

    // MARK: Other loops

    /// The pool at `position` has a long queue: it is told how many connections have nothing to do here.
    func offerIdle(to position: Int) {
        coordinator.offer(isShutDown || !queue.isEmpty ? 0 : idle.count, from: self.position, to: position)
    }

    /// The pool at `position` has `count` connections that have nothing to do: exchanges that may begin go there.
    func handOver(_ count: Int, to position: Int) {
        asked -= 1
        for _ in 0..<count {
            guard let exchange = takeNext() else { return }
            coordinator.hand(exchange, to: position)
        }
    }

    /// Carries out an exchange of another loop's queue, which is counted as begun.
    func carry(_ exchange: Exchange) {
        if !isShutDown {
            arm(for: exchange.call.deadline)
            if let connection = takeIdle() { return start(exchange, on: connection) }
        }
        // What was idle is gone or in use by now.
        coordinator.end(exchange.call.uid, at: position)
        if exchange.isWaiting { submit(exchange) }
    }

    /// The next exchange that may begin; it is counted as begun.
    private func takeNext() -> Exchange? {
        while let exchange = queue.popFirst(where: { coordinator.begin($0) }) {
            if exchange.isWaiting { return exchange }
            garbage = max(0, garbage - 1)
            coordinator.end(exchange.call.uid, at: position)
        }
        return nil
    }

    /// Writes the request of an exchange, which is counted as begun.
    private func start(_ exchange: Exchange, on connection: PooledConnection) {
        let failure: TransportFailure?
        do throws(RequestEncoder.UnfitField) {
            let request = try encoder.encode(exchange.request, allocator: settings.allocator)
            if exchange.depart() { return connection.write(request, of: exchange) }
            failure = nil
        } catch {
            failure = TransportFailure(.malformed, mayHaveBeenSent: false)
        }
        if let failure { exchange.end(.failure(failure)) }
        idle.append(connection)
        coordinator.end(exchange.call.uid, at: position)
    }

    private func takeIdle() -> PooledConnection? {
        while let connection = idle.popLast() {
            if connection.isFresh() { return connection }
            idle.append(connection)
            // It leaves the pool by itself, and what waits goes on with another.
            connection.close()
        }
        return nil
    }

    private func abandon(_ connection: PooledConnection) {
        let mayDrain = draining < Self.maximumDraining && !isShutDown
        if mayDrain { draining += 1 }
        let until = settings.clock.now + Self.drainTime
        connection.abandon(until: mayDrain ? until : nil)
        if mayDrain { arm(for: until) }
    }

    // MARK: Connections

    private func connect() {
        connecting += 1
        let deadline = NIODeadline.now() + settings.connectTimeout
        let bound = NIOLoopBound(self, eventLoop: eventLoop)
        settings.tls.context(isSecure: endpoint.isSecure, on: eventLoop)
            .flatMap { [endpoint, settings, eventLoop] context in
                let bootstrap = ClientBootstrap(group: eventLoop).connectTimeout(settings.connectTimeout)
                return endpoint.connect(bootstrap).map { ($0, context) }
            }
            .whenComplete { result in bound.value.connected(result, deadline: deadline) }
    }

    private func connected(_ result: Result<(any Channel, NIOSSLContext?), any Error>, deadline: NIODeadline) {
        let channel: any Channel
        let tls: NIOSSLContext?
        switch result {
        case .failure(let error):
            return attemptFailed(TransportFailure(error, hasDeparted: false, hasBody: true))
        case .success(let made):
            (channel, tls) = made
        }
        guard !isShutDown else {
            channel.close(promise: nil)
            return attemptFailed(TransportFailure(.shutDown, mayHaveBeenSent: false))
        }
        // Its end was told before anything here could hear it.
        guard channel.isActive else { return attemptFailed(TransportFailure(.connect, mayHaveBeenSent: false)) }
        let connection = PooledConnection(pool: self, isSecure: endpoint.isSecure)
        connections.append(connection)
        startReaper()
        do {
            if let tls {
                try channel.pipeline.syncOperations.addHandler(
                    NIOSSLClientHandler(context: tls, serverHostname: endpoint.serverName)
                )
            }
            try channel.pipeline.syncOperations.addHandler(connection)
        } catch {
            channel.close(promise: nil)
            return negotiationFailed(of: connection, TransportFailure(.tls, mayHaveBeenSent: false))
        }
        eventLoop.assumeIsolated().scheduleTask(deadline: deadline) { connection.negotiationTimedOut() }
    }

    /// A connection can carry its first exchange.
    func isReady(_ connection: PooledConnection) {
        connecting -= 1
        idle.append(connection)
        pump()
    }

    /// A connection could not be set up.
    func negotiationFailed(of connection: PooledConnection, _ failure: TransportFailure) {
        guard remove(connection) else { return }
        attemptFailed(failure)
    }

    /// An attempt to set up a connection is over: the first exchange that waits fails with it.
    private func attemptFailed(_ failure: TransportFailure) {
        connecting -= 1
        coordinator.closeConnection(at: position)
        if let exchange = takeNext() {
            exchange.end(.failure(TransportFailure(failure.reason, mayHaveBeenSent: false)))
            coordinator.end(exchange.call.uid, at: position)
        }
        pump()
    }

    /// A connection has brought its response and can carry another exchange.
    func exchangeEnded(on connection: PooledConnection, uid: UInt32, wasDraining: Bool) {
        if wasDraining { draining -= 1 }
        unusedInARow = 0
        if isShutDown { connection.close() } else { idle.append(connection) }
        coordinator.end(uid, at: position)
        if !queue.isEmpty { pump() }
    }

    /// A connection that carried an exchange is gone.
    func busyClosed(_ connection: PooledConnection, uid: UInt32, wasDraining: Bool) {
        if wasDraining { draining -= 1 }
        remove(connection)
        coordinator.end(uid, at: position)
        coordinator.closeConnection(at: position)
        if !queue.isEmpty { pump() }
    }

    /// A connection that carried nothing is gone.
    ///
    /// - Parameter wasUsed: Whether it ever carried anything. A server that closes one new connection after another is as good as
    ///   one that cannot be reached.
    func idleClosed(_ connection: PooledConnection, wasUsed: Bool) {
        idle.removeAll { $0 === connection }
        remove(connection)
        coordinator.closeConnection(at: position)
        unusedInARow = wasUsed || queue.isEmpty ? 0 : unusedInARow + 1
        if unusedInARow >= Self.maximumUnused, !isShutDown, let exchange = takeNext() {
            exchange.end(.failure(TransportFailure(.stale, mayHaveBeenSent: false)))
            coordinator.end(exchange.call.uid, at: position)
        }
        if !queue.isEmpty { pump() }
    }

    /// Another loop needs a connection, and there may be no more of them: one is closed that nothing here may use.
    ///
    /// What waits here is no reason to keep it: the uids of that may have no more in flight, or it would be in use.
    func closeOldestIdle() {
        pump()
        idle.first?.close()
    }

    @discardableResult
    private func remove(_ connection: PooledConnection) -> Bool {
        guard let index = connections.firstIndex(where: { $0 === connection }) else { return false }
        connections.swapAt(index, connections.count - 1)
        connections.removeLast()
        if connections.isEmpty { stopReaper() }
        return true
    }

    private func startReaper() {
        guard reaper == nil else { return }
        let interval = TimeAmount.nanoseconds(max(settings.idleTimeout.nanoseconds / 8, 1_000_000))
        let bound = NIOLoopBound(self, eventLoop: eventLoop)
        reaper = eventLoop.scheduleRepeatedTask(initialDelay: interval, delay: interval) { _ in bound.value.reap() }
    }

    private func stopReaper() {
        reaper?.cancel()
        reaper = nil
    }

    /// Closes what has been idle for too long.
    private func reap() {
        let now = NIODeadline.now()
        for connection in idle where connection.isIdle(for: settings.idleTimeout, now: now) { connection.close() }
    }

    // MARK: Deadlines

    /// Sees to it that ``sweep()`` is called at `deadline` or earlier.
    ///
    /// Deadlines are mostly as far away as those of the calls before them, whose calls have ended long since: one timer for
    /// the earliest, and a look at all when it fires, costs a call no more than the comparison.
    private func arm(for deadline: ContinuousClock.Instant) {
        if let timer {
            guard deadline < timer.due else { return }
            timer.task.cancel()
        }
        let bound = NIOLoopBound(self, eventLoop: eventLoop)
        let clock = settings.clock
        let task = Task {
            guard (try? await clock.sleep(until: deadline, tolerance: nil)) != nil else { return }
            bound.eventLoop.execute { bound.value.timerFired(at: deadline) }
        }
        timer = (deadline, task)
    }

    private func timerFired(at due: ContinuousClock.Instant) {
        guard timer?.due == due else { return }
        timer = nil
        sweep()
    }

    /// Ends what is overdue.
    private func sweep() {
        let now = settings.clock.now
        var next: ContinuousClock.Instant?
        var hasEnded = false
        queue.visit { exchange in
            if exchange.call.deadline > now {
                next = min(next ?? exchange.call.deadline, exchange.call.deadline)
            } else {
                _ = exchange.giveUp(.deadline)
                hasEnded = true
            }
        }
        if hasEnded { sweepQueue() }
        for connection in connections {
            if let exchange = connection.exchange {
                if exchange.call.deadline > now {
                    next = min(next ?? exchange.call.deadline, exchange.call.deadline)
                } else {
                    _ = exchange.giveUp(.deadline)
                    abandon(connection)
                }
            } else if let until = connection.drainsUntil {
                if until > now { next = min(next ?? until, until) } else { connection.close() }
            }
        }
        // Not more often than so, however many deadlines there are.
        if let next { arm(for: max(next, now + .milliseconds(10))) }
        pump()
    }

    private func sweepQueue() {
        queue.removeAll { !$0.isWaiting }
        garbage = 0
    }

    // MARK: End

    /// Closes all connections; nothing is in flight any more but what was given up.
    func shutDown() {
        isShutDown = true
        timer?.task.cancel()
        timer = nil
        queue.visit { $0.end(.failure(TransportFailure(.shutDown, mayHaveBeenSent: false))) }
        queue = ExchangeQueue()
        for connection in connections { connection.close() }
        stopReaper()
        coordinator.leave(position)
    }
}
