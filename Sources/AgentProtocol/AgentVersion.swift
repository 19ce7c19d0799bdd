/// The version of the programs, which are released together; the one place that says it.
public enum AgentVersion {
    /// What `--version`, `system.hello` and `daemon.status` say.
    public static let current = "0.1.0"
}
