import Glibc
import Synchronization
import TestSupport
import Testing

@testable import Systemd

@Suite(.longTimeLimit) struct NotificationQueueTests {
    /// A manager that takes a message only when it is told to read, and as long as that it lets the sender wait.
    private final class Manager: Sendable {
        private let messages = Mutex<[String]>([])
        private let began = AsyncStream.makeStream(of: Void.self)
        private let gate: (reading: CInt, writing: CInt)
        private let result: CInt

        init(result: CInt = 1) {
            self.result = result
            var ends: [CInt] = [0, 0]
            let made = unsafe pipe(&ends)
            precondition(made == 0, "no pipe")
            self.gate = (ends[0], ends[1])
        }

        deinit {
            close(self.gate.reading)
            close(self.gate.writing)
        }

        var told: [String] { self.messages.withLock { $0 } }

        var notifier: ServiceNotifier {
            ServiceNotifier(
                hasManager: true,
                watchdogInterval: nil,
                sendDescriptor: { text, _ in self.take(text) },
                send: { self.take($0) }
            )
        }

        private func take(_ message: String) -> CInt {
            self.began.continuation.yield()
            var byte: UInt8 = 0
            unsafe Glibc.read(self.gate.reading, &byte, 1)
            self.messages.withLock { $0.append(message) }
            return self.result
        }

        /// Returns when a sender waits.
        func hasSenderWaiting() async {
            for await _ in self.began.stream { return }
        }

        /// Reads as many messages.
        func read(_ count: Int) {
            let bytes = [UInt8](repeating: 0, count: count)
            unsafe Glibc.write(self.gate.writing, bytes, count)
        }
    }

    @Test func `nobody waits for a manager that does not read, which then hears the newest of everything`() async {
        let manager = Manager()
        let notifier = manager.notifier.inBackground()
        #expect(notifier.ready(status: "Up") == .queued)
        await manager.hasSenderWaiting()
        for number in 1...1000 {
            #expect(notifier.status("\(number)") == .queued)
            #expect(notifier.watchdog() == .queued)
            #expect(notifier.keep(SharedDescriptor(dup(0)), as: "token") == .queued)
        }
        #expect(notifier.stopping() == .queued)
        #expect(manager.told.isEmpty)
        manager.read(100)
        await notifier.flush(within: .seconds(60))
        #expect(
            manager.told == [
                "READY=1\nSTATUS=Up", "STATUS=1000", "WATCHDOG=1", "FDSTOREREMOVE=1\nFDNAME=token",
                "FDSTORE=1\nFDNAME=token", "STOPPING=1",
            ]
        )
    }

    @Test func `what is kept last under a name is the last that the manager hears of it`() async {
        let manager = Manager()
        let notifier = manager.notifier.inBackground()
        notifier.keep(SharedDescriptor(dup(0)), as: "a")
        await manager.hasSenderWaiting()
        notifier.keep(SharedDescriptor(dup(0)), as: "b")
        notifier.keep(nil, as: "a")
        notifier.keep(nil, as: "b")
        manager.read(100)
        await notifier.flush(within: .seconds(60))
        #expect(
            manager.told == [
                "FDSTOREREMOVE=1\nFDNAME=a", "FDSTORE=1\nFDNAME=a", "FDSTOREREMOVE=1\nFDNAME=a",
                "FDSTOREREMOVE=1\nFDNAME=b",
            ]
        )
    }

    @Test func `what cannot be said for long is bounded, and a descriptor is closed when it is overtaken`() async {
        let manager = Manager()
        let notifier = manager.notifier.inBackground(capacity: 2)
        notifier.ready()
        await manager.hasSenderWaiting()
        let overtaken = dup(0)
        #expect(notifier.keep(SharedDescriptor(overtaken), as: "a") == .queued)
        #expect(notifier.keep(nil, as: "b") == .queued)
        #expect(notifier.keep(nil, as: "c") == .failed(SystemCallError(call: "sd_notify", number: ENOBUFS)))
        #expect(fcntl(overtaken, F_GETFD) >= 0)
        #expect(notifier.keep(nil, as: "a") == .queued, "there is room for what takes another's place")
        manager.read(100)
        await notifier.flush(within: .seconds(60))
        #expect(
            manager.told == ["READY=1", "FDSTOREREMOVE=1\nFDNAME=b", "FDSTOREREMOVE=1\nFDNAME=a"]
        )
    }

    @Test func `waiting for a manager that does not read has an end`() async {
        let manager = Manager()
        let notifier = manager.notifier.inBackground()
        notifier.stopping()
        await notifier.flush(within: .milliseconds(1))
        #expect(manager.told.isEmpty)
        manager.read(1)
        await notifier.flush(within: .seconds(60))
        #expect(manager.told == ["STOPPING=1"])
        notifier.watchdog()
        manager.read(1)
        await notifier.flush(within: .seconds(60))
        #expect(manager.told.last == "WATCHDOG=1", "and it goes on")
    }

    @Test func `a message that the socket does not take is told to whom it matters`() async {
        let manager = Manager(result: -ENOENT)
        let notifier = manager.notifier.inBackground()
        let errors = Mutex<[SystemCallError]>([])
        notifier.keep(nil, as: "a") { error in errors.withLock { $0.append(error) } }
        manager.read(1)
        await notifier.flush(within: .seconds(60))
        #expect(errors.withLock { $0 } == [SystemCallError(call: "sd_notify", number: ENOENT)])
    }

    @Test func `without a manager there is no background`() {
        let silent = ServiceNotifier(hasManager: false, watchdogInterval: nil) { _ in 0 }
        #expect(silent.inBackground().ready() == .noManager)
    }
}
