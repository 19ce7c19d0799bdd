import AgentProtocol
import Secrets
import StrictJSON

/// What a command has found out, in both forms; which one is shown depends on `--json`.
struct Report {
    /// How the command ends.
    var status = ExitStatus.done
    /// For people; complete lines, safe to show.
    var text: String
    /// For programs: the value of the member `result`.
    var result: JSONText
    /// Names of secrets that were left out of both.
    var withheld: [String] = []
    /// What a person must know beside the text.
    var remark: String?

    /// The remark about parts of Mosaic's answer that the agent left out; nil when there are none.
    static func remark(omitted: [String]) -> String? {
        omitted.isEmpty
            ? nil : "the agent left out what it cannot pass on of Mosaic's answer: \(omitted.joined(separator: ", "))"
    }

    /// The remark, or the sentence about what was left out.
    var note: String? {
        guard !withheld.isEmpty else { return remark }
        return "not shown: \(withheld.joined(separator: ", ")); --show-tokens shows them"
    }
}

extension Report {
    /// The report of a login with a code or a link.
    init(_ result: AuthenticationResult, showTokens: Bool) {
        var list = FieldList()
        switch result {
        case .granted(let granted): list.add(granted, showTokens: showTokens)
        case .denied(let reason): list.add("reason", reason)
        }
        self.init(
            status: result.verdict == .granted ? .done : .denied,
            text: "\(result.verdict.name)\n" + list.text,
            result: result,
            showTokens: showTokens
        )
    }
}

extension Report {
    /// The report of a factor of a password reset.
    init(_ result: ResetFactorResult, showTokens: Bool) {
        var list = FieldList()
        switch result {
        case .granted(let granted):
            list.add("second factor", granted.mfaRequired.map { $0 ? "required" : "not required" })
            if showTokens { list.add("reset token", secret: granted.resetToken) }
        case .denied(let reason):
            list.add("reason", reason)
        }
        self.init(
            status: result.verdict == .granted ? .done : .denied,
            text: "\(result.verdict.name)\n" + list.text,
            result: result,
            showTokens: showTokens
        )
    }

    /// The report of a send that brings nothing back.
    init(_ result: SendResult) {
        var list = FieldList()
        list.add("reason", result.reason)
        self.init(text: "accepted\n" + list.text, result: JSONText { result.encode(to: &$0) })
    }
}

extension Report {
    /// The report of a result with secrets in it, which are left out unless they are to be shown.
    init(status: ExitStatus = .done, text: String, result: some MethodResult, showTokens: Bool) {
        let json = JSONText { result.encode(to: &$0) }
        let secrets = SecretRedactor(schema: type(of: result).schema)
        let (shown, withheld) = showTokens ? (json, []) : secrets.removed(from: json.value)
        self.init(status: status, text: text, result: shown, withheld: withheld)
    }
}

extension FieldList {
    /// Adds what a refresh or an exchange has brought; the tokens only if they are to be shown.
    mutating func add(_ issued: IssuedTokens, showTokens: Bool) {
        add("user id", issued.userID)
        add("methods", issued.amr?.joined(separator: " "))
        add("valid for", issued.expiresIn.map { HumanUnits.duration(seconds: $0) })
        guard showTokens else { return }
        add("token type", issued.tokenType)
        add("access token", secret: issued.accessToken)
        add("ID token", secret: issued.idToken)
        add("refresh token", secret: issued.refreshToken)
    }
}

/// Lines of the form `name  value`, with the values in one column, in groups under headings.
struct FieldList {
    private enum Line {
        case field(name: String, value: String)
        case heading(String)
        case blank
    }

    private var lines: [Line] = []

    /// Adds a line; the value comes from outside and is made safe. Nothing is added for nil and empty values.
    mutating func add(_ name: String, _ value: String?) {
        guard let value, !value.isEmpty else { return }
        lines.append(.field(name: TerminalText.escaped(name), value: TerminalText.escaped(value)))
    }

    /// Begins a new group of lines.
    mutating func heading(_ text: String) {
        if !lines.isEmpty { lines.append(.blank) }
        lines.append(.heading(TerminalText.escaped(text)))
    }

    /// The lines, each with its LF.
    var text: String {
        let width = lines.reduce(0) { width, line in
            if case .field(let name, _) = line { return max(width, name.count) }
            return width
        }
        var text = ""
        for line in lines {
            switch line {
            case .blank: text += "\n"
            case .heading(let heading): text += heading + "\n"
            case .field(let name, let value):
                text += name + String(repeating: " ", count: width - name.count + 2) + value + "\n"
            }
        }
        return text
    }
}

extension FieldList {
    /// Adds a secret that the user has asked to see.
    mutating func add(_ name: String, secret: Secret?) {
        guard let secret else { return }
        var bytes: [UInt8] = []
        secret.withBytes { span in
            for index in span.indices { bytes.append(span[index]) }
        }
        add(name, String(decoding: bytes, as: UTF8.self))
    }

    /// Adds the user a login was granted to and, if asked for, the tokens.
    mutating func add(_ granted: GrantedTokens, showTokens: Bool) {
        add("user id", granted.userID)
        add("methods", granted.amr?.joined(separator: " "))
        add("valid for", HumanUnits.duration(seconds: granted.expiresIn))
        guard showTokens else { return }
        add("token type", granted.tokenType)
        add("access token", secret: granted.accessToken)
        add("ID token", secret: granted.idToken)
        add("refresh token", secret: granted.refreshToken)
        add("session id", secret: granted.sessionID)
    }
}
