import Glibc
import Synchronization
import Systemd
import TestSupport
import Testing

@Suite struct ServiceNotifierTests {
    /// A manager that answers `result` and keeps what it was told.
    private final class Manager: Sendable {
        let messages = Mutex<[String]>([])
        let result: CInt

        init(result: CInt = 1) { self.result = result }

        var notifier: ServiceNotifier {
            ServiceNotifier(hasManager: true, watchdogInterval: nil) { message in
                self.messages.withLock { $0.append(message) }
                return self.result
            }
        }

        var last: String? { self.messages.withLock { $0.last } }
    }

    struct Case: Sendable, CustomTestStringConvertible {
        let testDescription: String
        let call: @Sendable (ServiceNotifier) -> ServiceNotifier.Delivery
        let message: String

        init(_ message: String, _ call: @escaping @Sendable (ServiceNotifier) -> ServiceNotifier.Delivery) {
            self.testDescription = message
            self.call = call
            self.message = message
        }
    }

    @Test(arguments: [
        Case("READY=1") { $0.ready() },
        Case("READY=1\nSTATUS=Serving 2 sockets") { $0.ready(status: "Serving 2 sockets") },
        Case("STATUS=Naïve") { $0.status("Naïve") },
        Case("STATUS=") { $0.status("") },
        Case("STATUS=a READY=1 b ") { $0.status("a\nREADY=1\rb\0") },
        Case("STOPPING=1") { $0.stopping() },
        Case("STOPPING=1\nSTATUS=Waiting for 3 calls") { $0.stopping(status: "Waiting for 3 calls") },
        Case("WATCHDOG=1") { $0.watchdog() },
        Case("EXTEND_TIMEOUT_USEC=1500000") { $0.extendTimeout(by: .milliseconds(1500)) },
        Case("EXTEND_TIMEOUT_USEC=1") { $0.extendTimeout(by: .zero) },
        Case("EXTEND_TIMEOUT_USEC=\(Int64.max)") { $0.extendTimeout(by: .seconds(Int64.max)) },
    ])
    func `each state is one message in the words of sd_notify`(_ example: Case) {
        let manager = Manager()
        #expect(example.call(manager.notifier) == .sent)
        #expect(manager.last == example.message)
    }

    @Test func `a reload carries the monotonic time`() throws {
        let manager = Manager()
        func now() -> Int64 {
            var time = timespec()
            unsafe clock_gettime(CLOCK_MONOTONIC, &time)
            return Int64(time.tv_sec) * 1_000_000 + Int64(time.tv_nsec) / 1000
        }
        let before = now()
        #expect(manager.notifier.reloading(status: "Reading the configuration") == .sent)
        let lines = try #require(manager.last).split(separator: "\n")
        try #require(lines.count == 3)
        #expect(lines[0] == "RELOADING=1")
        let time = try #require(Int64(lines[1].trimmingPrefix("MONOTONIC_USEC=")))
        #expect((before...now()).contains(time))
        #expect(lines[2] == "STATUS=Reading the configuration")
    }

    @Test func `the result tells a missing manager from a failure`() {
        #expect(Manager(result: 0).notifier.ready() == .noManager)
        #expect(
            Manager(result: -ECONNREFUSED).notifier.ready()
                == .failed(SystemCallError(call: "sd_notify", number: ECONNREFUSED))
        )
    }

    @Test(.longTimeLimit, arguments: ["path", "abstract"])
    func `a manager's socket receives exactly these datagrams`(_ kind: String) async throws {
        try await withTemporaryDirectory { directory in
            let name = kind == "abstract" ? "@\(directory)/notify" : "\(directory)/notify"
            let socket = try UnixSocket(SOCK_DGRAM, boundTo: name)
            await #expect(processExitsWith: .success) { [name = name as String] in
                unsafe setenv("NOTIFY_SOCKET", name, 1)
                let notifier = ServiceNotifier()
                #expect(notifier.hasManager)
                #expect(notifier.watchdogInterval == nil)
                #expect(notifier.ready(status: "Up") == .sent)
                #expect(notifier.watchdog() == .sent)
                #expect(notifier.stopping() == .sent)
            }
            #expect(socket.received() == ["READY=1\nSTATUS=Up", "WATCHDOG=1", "STOPPING=1"])
        }
    }

    @Test(.longTimeLimit) func `without a manager nothing happens`() async {
        await #expect(processExitsWith: .success) {
            unsafe unsetenv("NOTIFY_SOCKET")
            let notifier = ServiceNotifier()
            #expect(!notifier.hasManager)
            #expect(notifier.ready() == .noManager)
            #expect(notifier.reloading() == .noManager)
        }
    }

    @Test(.longTimeLimit) func `a manager that is gone is a failure with its reason`() async {
        await #expect(processExitsWith: .success) {
            unsafe setenv("NOTIFY_SOCKET", "/nonexistent/notify", 1)
            #expect(ServiceNotifier().ready() == .failed(SystemCallError(call: "sd_notify", number: ENOENT)))
        }
    }

    @Test(.longTimeLimit) func `the watchdog's interval is that of the manager`() async {
        await #expect(processExitsWith: .success) {
            unsafe setenv("WATCHDOG_USEC", "2500000", 1)
            #expect(ServiceNotifier().watchdogInterval == .milliseconds(2500))
            unsafe setenv("WATCHDOG_PID", "1", 1)
            #expect(ServiceNotifier().watchdogInterval == nil, "meant for another process")
        }
    }
}
