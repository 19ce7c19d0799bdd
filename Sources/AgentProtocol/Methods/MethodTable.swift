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
