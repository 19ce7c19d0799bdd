import AgentProtocol
import StrictJSON

/// Events of `daemon.watch` as lines for people.
enum EventText {
    /// The time, the kind, and what there is to tell, on one line with its LF.
    static func line(_ event: DaemonEvent) -> String {
        var parts = [event.time, event.kind.name]
        if event.dropped > 0 { parts.append("(\(event.dropped) events left out before this)") }
        parts += words(event.details)
        return TerminalText.escaped(parts.filter { !$0.isEmpty }.joined(separator: " ")) + "\n"
    }

    private static func words(_ details: DaemonEvent.Details) -> [String] {
        if let call = details.call { return words(call) }
        if let health = details.health { return [health.summary] }
        if let configuration = details.configuration {
            let keys = configuration.restartNeeded ?? []
            return [
                configuration.problem ?? "", keys.isEmpty ? "" : "restart needed for \(keys.joined(separator: ", "))",
            ]
        }
        if let token = details.token {
            let expiry = token.expiresInSeconds.map { "expires in \(HumanUnits.duration(seconds: $0))" }
            return ["client=\(token.client)", expiry ?? "", token.error ?? ""]
        }
        if let credential = details.credential {
            return ["client=\(credential.client)", credential.sourceReplaced ? "" : "a restart will use the old one"]
        }
        if let connection = details.connection {
            return [connection.reason, "socket=\(connection.socket)", "uid=\(connection.uid)", "pid=\(connection.pid)"]
        }
        if let level = details.logLevel {
            return [level.level, "instead of \(level.previous)", level.uid.map { "uid=\($0)" } ?? "after a reload"]
        }
        if let throttle = details.throttle { return words(throttle) }
        return []
    }

    private static func words(_ throttle: DaemonEvent.ExhaustedTarget) -> [String] {
        [
            "target=\(throttle.target)", "client=\(throttle.client)", "failures=\(throttle.failures)",
            "uid=\(throttle.uid)",
            "passes again in \(HumanUnits.wait(milliseconds: throttle.retryAfterMilliseconds))",
        ]
    }

    private static func words(_ call: DaemonEvent.FinishedCall) -> [String] {
        let result = [call.result, call.error, call.reason.map { "(\($0))" }].compactMap { $0 }.joined(separator: " ")
        let fields: [(String, String?)] = [
            ("uid", "\(call.uid)"), ("unit", call.unit), ("rule", call.rule), ("client", call.client),
            ("target", call.target), ("call_id", call.callID), ("trace_id", call.traceID),
        ]
        return [call.method, result, HumanUnits.milliseconds(microseconds: call.durationMicroseconds)]
            + fields.compactMap { name, value in value.map { "\(name)=\($0)" } } + (call.replay ? ["replay"] : [])
    }
}

/// A user in the form for people.
enum UserText {
    /// What there is to say of a user, one line each.
    static func lines(_ user: UserObject) -> FieldList {
        var list = FieldList()
        list.add("user id", user["user_id"]?.string)
        list.add("status", user["status"]?.string)
        list.add("user name", user["username"]?.string)
        list.add("e-mail", address(user["email"], verified: "email_verified"))
        list.add("phone number", address(user["phone_number"], verified: "phone_number_verified"))
        for email in user["secondary_emails"]?.elements.map(Array.init) ?? [] {
            list.add("further e-mail", address(email, verified: "email_verified"))
        }
        for number in user["secondary_phone_numbers"]?.elements.map(Array.init) ?? [] {
            list.add("further number", address(number, verified: "phone_number_verified"))
        }
        list.add("name", name(user["name"]))
        list.add("password", password(user["password_information"]))
        list.add("last login", user["last_auth"]?.string)
        list.add("external user id", user["external_user_id"]?.string)
        list.add("external account id", user["external_account_id"]?.string)
        list.add("birthday", user["birthday"]?.string)
        list.add("language", user["language"]?.string)
        list.add("picture", user["picture"]?.string)
        for (title, member) in [
            ("address", "address"), ("custom data", "custom_data"), ("custom app data", "custom_app_data"),
        ] {
            guard let value = user[member], value.kind == .object, value.count != 0 else { continue }
            list.add(title, value.rawText.description)
        }
        return list
    }

    /// An address and whether it is known to be the user's.
    static func address(_ value: JSONValue?, verified: String) -> String? {
        guard let address = value?["value"]?.string else { return nil }
        guard let isVerified = value?[verified]?.boolean else { return address }
        return address + (isVerified ? " (verified)" : " (not verified)")
    }

    /// The parts of a name in their usual order.
    static func name(_ value: JSONValue?) -> String? {
        let parts = ["title", "first_name", "middle_name", "last_name"].compactMap { value?[$0]?.string }
        return parts.isEmpty ? nil : parts.joined(separator: " ")
    }

    private static func password(_ value: JSONValue?) -> String? {
        guard let value, value.kind == .object else { return "none" }
        var words: [String] = []
        if value["expired"]?.boolean == true { words.append("expired") }
        if value["temporary"]?.boolean == true { words.append("temporary") }
        if words.isEmpty { words.append("set") }
        if let expiry = value["expires_in"]?.string { words.append("until \(expiry)") }
        return words.joined(separator: ", ")
    }
}
