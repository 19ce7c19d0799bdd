import ServiceLifecycle

/// Waits that faults ask for.
enum Pause {
    /// Waits that long, or until the sandbox is told to stop: a stop must not wait for a fault.
    static func wait(milliseconds: Int) async {
        try? await cancelWhenGracefulShutdown {
            try await Task.sleep(for: .milliseconds(milliseconds))
        }
    }
}
