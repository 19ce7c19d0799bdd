import AgentProtocol
import ConfigurationFiles

/// What health needs to know about the file of a socket: whether programs that connect to its path reach the agent.
package struct SocketFileCondition: Sendable, Hashable {
    /// What is at the path.
    package enum Finding: Sendable, Hashable {
        /// The file that was there when the agent began to listen.
        case own
        /// Nothing.
        case missing
        /// Another file.
        case replaced
        /// It cannot be looked at, for this reason.
        case hidden(String)
    }

    /// Which socket it is.
    package var socket: ServedSocket
    /// Where its file belongs.
    package var path: String
    /// Whether systemd made it.
    package var isInherited: Bool
    /// What is there now.
    package var finding: Finding

    /// A condition.
    package init(socket: ServedSocket, path: String, isInherited: Bool, finding: Finding) {
        self.socket = socket
        self.path = path
        self.isInherited = isInherited
        self.finding = finding
    }
}

extension HealthModel {
    /// The check of one socket's file.
    static func check(of file: SocketFileCondition) -> HealthCheck {
        let name = "socket.\(file.socket.rawValue)"
        let path = file.path.printable
        let remedy =
            file.isInherited
            ? "'systemctl restart \(file.unit) mosaicd.service' makes it anew."
            : "A restart of the agent makes it anew."
        return switch file.finding {
        case .own: HealthCheck(name, .healthy, "\(path) leads to the agent.")
        case .missing:
            HealthCheck(name, .unhealthy, "\(path) does not exist any more: no program can connect. \(remedy)")
        case .replaced:
            HealthCheck(
                name,
                .unhealthy,
                "\(path) is not the agent's socket any more: what connects there does not reach the agent. \(remedy)"
            )
        case .hidden(let reason):
            HealthCheck(name, .degraded, "\(path) cannot be looked at (\(reason)): perhaps no program can connect.")
        }
    }
}

extension SocketFileCondition {
    /// The unit by which systemd makes the socket.
    fileprivate var unit: String {
        switch socket {
        case .main: "mosaicd.socket"
        case .control: "mosaicd-control.socket"
        case .credential: "mosaicd-credential.socket"
        }
    }
}
