internal import CSystemd
internal import Glibc

/// Tells the service manager how this service is doing (sd_notify(3)).
///
/// Without a manager, that is without `$NOTIFY_SOCKET`, every call does nothing and answers `.noManager`. No failure
/// here is a reason to stop serving: a caller may log it and go on.
package struct ServiceNotifier: Sendable {
    /// What became of a message.
    package enum Delivery: Hashable, Sendable {
        /// The manager has it in its socket.
        case sent
        /// It is sent in the background; see ``ServiceNotifier/inBackground(capacity:)``.
        case queued
        /// It was not asked for.
        case noManager
        /// The manager's socket did not take it.
        case failed(SystemCallError)
    }

    /// Whether a manager asked to be told.
    package let hasManager: Bool
    /// Within which time of each other the manager expects calls of `watchdog()`; nil when it does not. Call it about
    /// twice as often.
    package let watchdogInterval: Duration?
    private let deliver: @Sendable (ServiceNotification) -> Delivery
    private let settle: @Sendable (Duration) async -> Void

    /// Speaks to the manager named in this process's environment.
    package init() {
        self.init(
            hasManager: Environment.process["NOTIFY_SOCKET"] != nil,
            watchdogInterval: Self.watchdogIntervalOfProcess(),
            // Sound: libsystemd only reads the text and the one descriptor, and only while it runs.
            sendDescriptor: { text, descriptor in
                unsafe withUnsafePointer(to: descriptor) { unsafe sd_pid_notify_with_fds(0, 0, text, $0, 1) }
            },
            // Sound: sd_notify only reads the text, and only while it runs.
            send: { unsafe sd_notify(0, $0) }
        )
    }

    /// Speaks to `send`, which gets the text of each message and answers as sd_notify(3) does: positive when it was
    /// sent, 0 when there is no manager, else a negated `errno`. `sendDescriptor` is the same for messages with one.
    package init(
        hasManager: Bool,
        watchdogInterval: Duration?,
        sendDescriptor: @escaping @Sendable (String, CInt) -> CInt = { _, _ in 0 },
        send: @escaping @Sendable (String) -> CInt
    ) {
        self.hasManager = hasManager
        self.watchdogInterval = watchdogInterval
        self.settle = { _ in }
        self.deliver = { notification in
            for message in notification.messages {
                let (result, call) =
                    message.descriptor.map { (sendDescriptor(message.text, $0.number), "sd_pid_notify_with_fds") }
                    ?? (send(message.text), "sd_notify")
                if result < 0 { return .failed(SystemCallError(call: call, number: -result)) }
                if result == 0 { return .noManager }
            }
            return .sent
        }
    }

    /// The same for callers that must not wait: what they say is sent by a thread of its own, in the order in which it was
    /// said, and what is overtaken before it could be sent is left out.
    ///
    /// - Parameter capacity: How many things may be unsaid at once; one more is `.failed`.
    package func inBackground(capacity: Int = 1024) -> ServiceNotifier {
        self.hasManager ? ServiceNotifier(inFrontOf: self, capacity: capacity) : self
    }

    private init(inFrontOf other: ServiceNotifier, capacity: Int) {
        let queue = NotificationQueue(capacity: capacity, send: other.deliver)
        self.hasManager = other.hasManager
        self.watchdogInterval = other.watchdogInterval
        self.deliver = { queue.add($0) }
        self.settle = { await queue.flush(within: $0) }
    }

    /// Returns when the manager has in its socket what it was told so far, or after `limit`.
    package func flush(within limit: Duration) async {
        await self.settle(limit)
    }

    /// The service is up, or its reload is over. `systemctl status` shows `status`.
    @discardableResult
    package func ready(status: String? = nil) -> Delivery {
        self.notify(.ready, ["READY=1"], status)
    }

    /// One line for `systemctl status`; line breaks and other control characters become spaces.
    @discardableResult
    package func status(_ status: String) -> Delivery {
        self.notify(.status, [], status)
    }

    /// The service begins to stop.
    @discardableResult
    package func stopping(status: String? = nil) -> Delivery {
        self.notify(.stopping, ["STOPPING=1"], status)
    }

    /// The service begins to reload its configuration; `ready(status:)` tells that it is done.
    ///
    /// Carries the time on CLOCK_MONOTONIC, by which managers from 253 on match it to the reload they asked for.
    @discardableResult
    package func reloading(status: String? = nil) -> Delivery {
        self.notify(.reloading, ["RELOADING=1", "MONOTONIC_USEC=\(Self.monotonicMicroseconds())"], status)
    }

    /// The service is alive; resets the manager's watchdog.
    @discardableResult
    package func watchdog() -> Delivery {
        self.notify(.watchdog, ["WATCHDOG=1"], nil)
    }

    /// The current start, reload or stop may take at least `time` more, counted from now.
    ///
    /// Repeat it before the time is over; a time below a microsecond counts as one.
    @discardableResult
    package func extendTimeout(by time: Duration) -> Delivery {
        self.notify(.timeout, ["EXTEND_TIMEOUT_USEC=\(max(1, Self.microseconds(time)))"], nil)
    }

    /// Has the manager keep a descriptor over a restart (`FileDescriptorStoreMax=` of the unit must allow it), in place of
    /// what it keeps under that name.
    ///
    /// - Parameters:
    ///   - descriptor: nil to have nothing kept.
    ///   - name: 1 to 255 characters without control characters and colons.
    ///   - onFailure: Told when a message that was `.queued` could not be sent.
    @discardableResult
    package func keep(
        _ descriptor: SharedDescriptor?,
        as name: String,
        onFailure: @escaping @Sendable (SystemCallError) -> Void = { _ in }
    ) -> Delivery {
        var notification = ServiceNotification(keeping: descriptor, as: name)
        notification.onFailure = onFailure
        return self.deliver(notification)
    }

    private func notify(_ topic: ServiceNotification.Topic, _ assignments: [String], _ status: String?) -> Delivery {
        let lines = assignments + (status.map { ["STATUS=" + Self.singleLine($0)] } ?? [])
        return self.deliver(ServiceNotification(topic, lines.joined(separator: "\n")))
    }

    /// A line break in a status would let its text set other variables of the message.
    private static func singleLine(_ text: String) -> String {
        String(
            String.UnicodeScalarView(
                text.unicodeScalars.map { $0.properties.generalCategory == .control ? " " : $0 }
            )
        )
    }

    private static func microseconds(_ duration: Duration) -> Int64 {
        let (seconds, attoseconds) = duration.components
        let (whole, overflow) = seconds.multipliedReportingOverflow(by: 1_000_000)
        return overflow ? .max : whole.addingReportingOverflow(attoseconds / 1_000_000_000_000).partialValue
    }

    private static func monotonicMicroseconds() -> Int64 {
        var time = timespec()
        // Sound: the kernel fills the one timespec it is given. CLOCK_MONOTONIC cannot fail.
        unsafe clock_gettime(CLOCK_MONOTONIC, &time)
        return Int64(time.tv_sec) * 1_000_000 + Int64(time.tv_nsec) / 1000
    }

    private static func watchdogIntervalOfProcess() -> Duration? {
        var microseconds: UInt64 = 0
        // Sound: libsystemd fills the one integer it is given.
        guard unsafe sd_watchdog_enabled(0, &microseconds) > 0 else { return nil }
        return .microseconds(Int64(clamping: microseconds))
    }
}
