import Glibc
import Systemd

/// A program started by a test, from a clean slate: no signal is ignored or blocked, and no file of this process is open in
/// it but the three that are given.
///
/// Foundation's `Process` promises neither. What a background shell ignores would be ignored by the child, files that another
/// test opens at that moment would stay open in it, and it keeps the files of processes long gone until there are too
/// many for the process.
package struct ChildProcess: Sendable {
    /// What the child finds at its three standard descriptors; they stay open here.
    package struct Files {
        package var input: Int32
        package var output: Int32
        package var error: Int32

        package init(input: Int32, output: Int32, error: Int32) {
            self.input = input
            self.output = output
            self.error = error
        }
    }

    /// A system call that failed.
    package struct Failure: Error, CustomStringConvertible {
        package let description: String

        package init(_ call: String, _ code: Int32 = errno) {
            description = unsafe "\(call): \(String(cString: strerror(code)))"
        }
    }

    /// Its process id.
    package let identifier: Int32

    /// Starts a program with files that are open here, in a directory or where this process is.
    package init(
        _ executable: String,
        _ arguments: [String],
        environment: [String: String],
        directory: String? = nil,
        files: Files
    ) throws(Failure) {
        // A group of its own: what is sent to that must not end the tests.
        let flags = Int32(POSIX_SPAWN_SETPGROUP)
        identifier = try unsafe Self.spawn(executable, arguments, environment, flags: flags) {
            actions throws(Failure) in
            if let directory { try unsafe Self.changeDirectory(&actions, directory) }
            for (from, to) in [
                (files.input, STDIN_FILENO), (files.output, STDOUT_FILENO), (files.error, STDERR_FILENO),
            ] {
                unsafe posix_spawn_file_actions_adddup2(&actions, from, to)
            }
        }
    }

    /// Starts a program as the leader of a session on a terminal.
    package init(
        _ executable: String,
        _ arguments: [String],
        environment: [String: String],
        terminal path: String
    ) throws(Failure) {
        // POSIX_SPAWN_SETSID, which spawn.h shows to GNU C only. The first terminal that a leader without one opens becomes
        // that of its session.
        identifier = try unsafe Self.spawn(executable, arguments, environment, flags: 0x80) { actions throws(Failure) in
            unsafe posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, path, O_RDWR, 0)
            for descriptor in [STDOUT_FILENO, STDERR_FILENO] {
                unsafe posix_spawn_file_actions_adddup2(&actions, STDIN_FILENO, descriptor)
            }
        }
    }

    /// Waits for the end; a signal counts as 128 plus its number. To be called once, and not beside ``whenEnded(_:)``.
    package func status() async -> Int32 {
        let (ends, continuation) = AsyncStream.makeStream(of: Int32.self)
        whenEnded { status in
            continuation.yield(status)
            continuation.finish()
        }
        var status: Int32 = -1
        for await end in ends { status = end }
        return status
    }

    /// Calls `body` with the status once the process has ended, on a thread of its own. To be called once.
    package func whenEnded(_ body: @escaping @Sendable (Int32) -> Void) {
        BlockingThread.run { [identifier] in body(Self.wait(for: identifier)) }
    }

    /// Blocks until the process has ended.
    static func wait(for identifier: pid_t) -> Int32 {
        var status: Int32 = 0
        while unsafe waitpid(identifier, &status, 0) < 0 {
            guard errno == EINTR else { return -1 }
        }
        // WIFEXITED, WEXITSTATUS and WTERMSIG of wait(2), which are macros.
        let signal = status & 0x7f
        return signal == 0 ? (status >> 8) & 0xff : 128 + signal
    }

    private static func spawn(
        _ executable: String,
        _ arguments: [String],
        _ environment: [String: String],
        flags: Int32,
        _ addActions: (inout posix_spawn_file_actions_t) throws(Failure) -> Void
    ) throws(Failure) -> Int32 {
        var actions = unsafe posix_spawn_file_actions_t()
        unsafe posix_spawn_file_actions_init(&actions)
        defer { unsafe posix_spawn_file_actions_destroy(&actions) }
        try unsafe addActions(&actions)
        try unsafe closeAllOthers(&actions)

        var attributes = posix_spawnattr_t()
        unsafe posix_spawnattr_init(&attributes)
        defer { unsafe posix_spawnattr_destroy(&attributes) }
        var signals = sigset_t()
        unsafe sigemptyset(&signals)
        unsafe posix_spawnattr_setsigmask(&attributes, &signals)
        unsafe sigfillset(&signals)
        unsafe posix_spawnattr_setsigdefault(&attributes, &signals)
        let all = flags | Int32(POSIX_SPAWN_SETSIGMASK) | Int32(POSIX_SPAWN_SETSIGDEF)
        unsafe posix_spawnattr_setflags(&attributes, Int16(all))

        var argv = unsafe ([executable] + arguments).map { unsafe strdup($0) } + [nil]
        var envp = unsafe environment.map { name, value in unsafe strdup("\(name)=\(value)") } + [nil]
        defer {
            for index in unsafe argv.indices { unsafe free(argv[index]) }
            for index in unsafe envp.indices { unsafe free(envp[index]) }
        }
        var identifier = pid_t()
        let code = unsafe posix_spawn(&identifier, executable, &actions, &attributes, &argv, &envp)
        guard code == 0 else { throw Failure("posix_spawn \(executable)", code) }
        return identifier
    }

    private static func closeAllOthers(_ actions: inout posix_spawn_file_actions_t) throws(Failure) {
        typealias Function = @convention(c) (UnsafeMutablePointer<posix_spawn_file_actions_t>, Int32) -> Int32
        let name = "posix_spawn_file_actions_addclosefrom_np"
        let code = unsafe unsafeBitCast(try function(name), to: Function.self)(&actions, STDERR_FILENO + 1)
        guard code == 0 else { throw Failure(name, code) }
    }

    private static func changeDirectory(
        _ actions: inout posix_spawn_file_actions_t,
        _ path: String
    ) throws(Failure) {
        typealias Function =
            @convention(c) (
                UnsafeMutablePointer<posix_spawn_file_actions_t>, UnsafePointer<CChar>
            ) -> Int32
        let name = "posix_spawn_file_actions_addchdir_np"
        let code = unsafe unsafeBitCast(try function(name), to: Function.self)(&actions, path)
        guard code == 0 else { throw Failure(name, code) }
    }

    /// A function of the C library that spawn.h shows to GNU C only.
    private static func function(_ name: String) throws(Failure) -> UnsafeMutableRawPointer {
        guard let symbol = unsafe dlsym(dlopen(nil, RTLD_NOW), name) else { throw Failure(name, ENOSYS) }
        return unsafe symbol
    }
}

/// Threads for calls that block, which must not hold up those that run asynchronous functions.
package enum BlockingThread {
    /// Runs `body` on a new thread.
    package static func run(_ body: @escaping @Sendable () -> Void) {
        precondition(DetachedThread.run(body), "no thread for a blocking call")
    }
}
