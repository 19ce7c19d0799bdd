/// The methods of one socket.
public struct MethodTable: Sendable {
    /// The socket.
    public let socket: SocketKind
    /// The method types, in the order of the reference.
    public let methods: [any AgentMethod.Type]
    private let byName: [String: any AgentMethod.Type]

    /// The methods of the main socket.
    public static let main = MethodTable(socket: .main)
    /// The methods of the control socket.
    public static let control = MethodTable(socket: .control)

    /// Every method there is, in the order of the reference.
    static let allMethods: [any AgentMethod.Type] = [
        PasswordAuthenticate.self,
        OTPSend.self,
        OTPAuthenticate.self,
        LinkSend.self,
        LinkAuthenticate.self,
        ResetSendEmailLink.self,
        ResetCreateLink.self,
        ResetSendEmailOTP.self,
        ResetVerifyEmailOTP.self,
        ResetSendSMSOTP.self,
        ResetVerifySMSOTP.self,
        ResetVerifyPassword.self,
        ResetComplete.self,
        PasswordCheck.self,
        PasswordRegister.self,
        PasswordUpdate.self,
        PasswordRegisterOwn.self,
        UserCreate.self,
        UserGet.self,
        UserSearch.self,
        UserUpdate.self,
        UserAuthenticators.self,
        PreferencesGet.self,
        PreferencesUpdate.self,
        PasswordLogin.self,
        CodeExchange.self,
        SessionAuthenticate.self,
        SessionLogout.self,
        UserLogout.self,
        SessionList.self,
        SessionRevoke.self,
        TokenRefresh.self,
        TokenRevoke.self,
        TokenVerify.self,
        ClientTokenGet.self,
        SystemHello.self,
        SystemPing.self,
        RPCDiscover.self,
        DaemonStatus.self,
        DaemonHealth.self,
        DaemonRefreshToken.self,
        DaemonReload.self,
        DaemonRotateCredential.self,
        DaemonTargetHash.self,
        DaemonLogLevel.self,
        DaemonConnections.self,
        DaemonMetrics.self,
        DaemonWatch.self,
        ThrottleList.self,
        ThrottleClear.self,
        PolicyExplain.self,
    ]

    private init(socket: SocketKind) {
        self.socket = socket
        methods = Self.allMethods.filter { $0.descriptor.sockets.contains(socket) }
        byName = Dictionary(uniqueKeysWithValues: methods.map { ($0.descriptor.name, $0) })
    }

    /// The table of `socket`.
    public static func table(of socket: SocketKind) -> MethodTable {
        switch socket {
        case .main: main
        case .control: control
        }
    }

    /// The method with exactly this name.
    public subscript(name: String) -> (any AgentMethod.Type)? {
        guard let method = byName[name] else { return nil }
        // The dictionary finds canonically equivalent names too; on the wire only the bytes count. What is equivalent to ASCII,
        // as names of methods are, and is other bytes, is more of them.
        return method.descriptor.name.utf8.count == name.utf8.count ? method : nil
    }

    /// What is known about the method with exactly this name.
    public func descriptor(named name: String) -> MethodDescriptor? { self[name]?.descriptor }
}

/// What limits how often a method is called about one user, beyond what access rules allow.
///
/// A call beyond the budget is answered with `throttled` and nothing is sent. What is counted, and how, is the agent's
/// business; callers only have to wait.
public enum MethodBudget: String, Hashable, Sendable, CaseIterable {
    /// Wrong passwords and codes for one user.
    case attempts
    /// Messages, codes and links for one user.
    case sends

    /// What a program that is refused for it should do, in whole sentences.
    public var advice: String {
        switch self {
        case .attempts:
            """
            After a few failures for one user the agent answers `throttled` and asks Mosaic nothing, so that Mosaic does \
            not lock the user out. Calls about one user at the same time may wait for each other. That says nothing about the password or code of this call: do not show it as a wrong \
            one, show that the user should try again later, and do not repeat the call before `retry_after_ms`.
            """
        case .sends:
            """
            Sends for one user need some time between two of the same method and channel and are limited in number; beyond that the agent answers \
            `throttled` and sends nothing, whether or not the user exists. Show that the user should look for the earlier \
            message or try again later, and do not repeat the call before `retry_after_ms`.
            """
        }
    }
}

extension [ErrorKind] {
    /// What any method can answer that asks Mosaic.
    static let upstream: [ErrorKind] = [
        .upstreamUnavailable, .upstreamRateLimited, .credentialRejected, .upstreamProtocol, .upstreamForbidden,
    ]
}
