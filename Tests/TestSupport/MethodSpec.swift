/// The methods of the protocol as the design has them, written out once for all tests: the agent's own table is what is tested.
package enum MethodSpec {
    /// What a call does at Mosaic, and with it when it may be repeated.
    package enum Effect: Sendable {
        /// Nothing: the agent answers alone.
        case local
        /// It only reads.
        case read
        /// An attempt, a message, a change.
        case change
    }

    /// A method of the main socket.
    package struct Method: Sendable {
        /// The name on the wire.
        package let name: String
        /// The rights that every call takes.
        package let rights: [String]
        /// The rights that single fields take beside them.
        package var fieldRights: [String] = []
        /// What a call does at Mosaic.
        package let effect: Effect
        /// Whether its answers must not tell who exists.
        package var isUniform = false
    }

    private static func method(
        _ name: String,
        _ rights: String...,
        fields: [String] = [],
        does effect: Effect = .change,
        uniform: Bool = false
    ) -> Method {
        Method(name: name, rights: rights, fieldRights: fields, effect: effect, isUniform: uniform)
    }

    /// The main socket.
    package static let main: [Method] = [
        method("password.authenticate", "login", uniform: true),
        method("password.login", "login", uniform: true),
        method("code.exchange", "login"),
        method("otp.send", "login", fields: ["otp-direct", "otp-redirect", "mail-content"], uniform: true),
        method("otp.authenticate", "login", uniform: true),
        method("link.send", "login", fields: ["link-direct", "mail-content"], uniform: true),
        method("link.authenticate", "login", uniform: true),
        method("session.authenticate", "session"),
        method("session.logout", "session"),
        method("user.logout", "session"),
        method("session.list", "session-admin", does: .read),
        method("session.revoke", "session-admin"),
        method("token.refresh", "token"),
        method("token.revoke", "token"),
        method("token.verify", "token", does: .read),
        method("password.check", "password-check", fields: ["reset"], does: .read),
        method("reset.send_email_link", "reset", fields: ["reset-ignore-mfa", "mail-content"], uniform: true),
        method("reset.create_link", "reset", "reset-direct", fields: ["reset-ignore-mfa"]),
        method("reset.send_email_otp", "reset", fields: ["reset-ignore-mfa", "mail-content"], uniform: true),
        method("reset.verify_email_otp", "reset", uniform: true),
        method("reset.send_sms_otp", "reset", fields: ["reset-ignore-mfa"], uniform: true),
        method("reset.verify_sms_otp", "reset", uniform: true),
        method("reset.verify_password", "reset", uniform: true),
        method("reset.complete", "reset"),
        method("user.create", "users"),
        method("user.get", "users", does: .read),
        method("user.search", "users", does: .read),
        method("user.update", "users"),
        method("user.authenticators", "users", does: .read),
        method("password.register", "credentials"),
        method("password.update", "credentials"),
        method("password.register_own", "session"),
        method("preferences.get", "preferences", does: .read),
        method("preferences.update", "preferences"),
        method("client_token.get", "client-token", does: .read),
        method("system.hello", does: .local),
        method("system.ping", does: .local),
        method("rpc.discover", does: .local),
    ]

    /// The control socket.
    package static let control: Set<String> = [
        "daemon.status", "daemon.health", "daemon.reload", "daemon.rotate_credential", "daemon.refresh_token",
        "daemon.target_hash", "daemon.log_level", "daemon.connections", "daemon.metrics", "daemon.watch",
        "throttle.list", "throttle.clear", "policy.explain", "system.hello", "system.ping", "rpc.discover",
    ]

    /// The method of that name on the main socket.
    package static func method(_ name: String) -> Method? { main.first { $0.name == name } }

    /// The groups of rights and the rights to single fields.
    package static let rights = [
        "login", "session", "session-admin", "token", "password-check", "reset", "users", "credentials", "preferences",
        "client-token", "otp-direct", "otp-redirect", "link-direct", "reset-direct", "reset-ignore-mfa", "mail-content",
    ]

    /// The codes of the errors, by kind.
    package static let errorCodes = [
        "parse_error": -32700, "invalid_request": -32600, "method_not_found": -32601, "invalid_params": -32602,
        "internal": -32603, "cancelled": -32800, "forbidden": 1001, "throttled": 1002, "overloaded": 1003,
        "deadline_exceeded": 1004, "shutting_down": 1005, "upstream_unavailable": 1101, "upstream_rate_limited": 1102,
        "credential_rejected": 1103, "upstream_protocol": 1104, "upstream_forbidden": 1105, "password_rejected": 1201,
        "conflict": 1202, "not_found": 1203, "not_configured": 1204, "invalid_token": 1205, "result_too_large": 1206,
    ]
}
