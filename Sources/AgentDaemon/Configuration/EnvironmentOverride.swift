import Systemd

/// The three settings that the environment may override; hosts, authorities, clients and access never.
package enum EnvironmentOverride: String, Sendable, CaseIterable {
    /// Overrides `LogLevel=`.
    case logLevel = "MOSAICD_LOG_LEVEL"
    /// Overrides `Socket=`.
    case socket = "MOSAICD_SOCKET"
    /// Overrides `ControlSocket=`.
    case controlSocket = "MOSAICD_CONTROL_SOCKET"

    /// The key of `[Daemon]` that it overrides.
    package var key: String {
        switch self {
        case .logLevel: DaemonKeys.logLevel.name
        case .socket: DaemonKeys.socket.name
        case .controlSocket: DaemonKeys.controlSocket.name
        }
    }

    /// A variable that is set, checked like an assignment in a file.
    struct Value: Sendable, Hashable {
        let variable: String
        let key: String
        let value: String
    }

    /// The variables that are set and not empty.
    static func values(in environment: Environment) -> [Value] {
        allCases.compactMap { variable in
            guard let value = environment[variable.rawValue], !value.isEmpty else { return nil }
            return Value(variable: variable.rawValue, key: variable.key, value: value)
        }
    }
}
