import TestSupport

/// What a call has to be answered.
enum Expected: Sendable {
    /// A result with exactly these members.
    case result([String: Shape])
    /// The verdict `denied`, and why for those who may know it.
    case denied(String)
    /// The verdict `accepted` although nothing was sent, and why for those who may know it.
    case withheld(String, [String: Shape] = [:])
    /// An error.
    case error(ExpectedError)

    /// Mosaic has answered with a clear no, and has done nothing.
    ///
    /// - Parameters:
    ///   - kind: the kind of the error.
    ///   - status: the status of Mosaic's answer, which callers with details are told.
    ///   - code: Mosaic's symbolic code, likewise.
    static func refused(_ kind: String, _ status: Int, _ code: String? = nil) -> Expected {
        .error(ExpectedError(kind, outcome: "refused", status: status, code: code))
    }

    /// Mosaic has answered, but what it has done before is not known.
    ///
    /// - Parameters: as of ``refused(_:_:_:)``.
    static func answered(_ kind: String, _ status: Int, _ code: String? = nil) -> Expected {
        .error(ExpectedError(kind, outcome: "unknown", status: status, code: code))
    }

    /// There is nobody to whom the caller could be sent something, which this caller may know.
    ///
    /// - Parameter reason: what the audit record says.
    static func nobody(_ status: Int, _ reason: String) -> Expected {
        var error = ExpectedError("not_found", outcome: "refused", status: status)
        error.reason = reason
        return .error(error)
    }

    /// Mosaic finds fault with a new password, in so many points.
    static func passwordRejected(_ status: Int, _ code: String? = nil) -> Expected {
        var error = ExpectedError("password_rejected", outcome: "refused", status: status, code: code)
        error.hasViolations = true
        return .error(error)
    }

    /// The agent refuses before anything is sent.
    static func local(_ kind: String, parameter: String? = nil) -> Expected {
        var error = ExpectedError(kind, outcome: "not_sent")
        error.parameter = parameter
        return .error(error)
    }

    /// Whether the call does what it was made for.
    var isSuccess: Bool {
        if case .result = self { return true }
        return false
    }

    /// What is wrong with an answer.
    ///
    /// - Parameter details: whether the rule of the caller says `Details=yes`.
    func problems(_ answer: JSONTree, details: Bool) -> [String] {
        switch self {
        case .result(let members):
            return Shape.members(members).problems(answer["result"], at: "result")
                + (answer["error"].map { ["\($0)"] } ?? [])
        case .denied(let reason):
            return verdict("denied", reason: details ? reason : nil).problems(answer, details: details)
        case .withheld(let reason, let members):
            return verdict("accepted", reason: details ? reason : nil, members).problems(answer, details: details)
        case .error(let error):
            return error.problems(answer, details: details)
        }
    }

    private func verdict(_ name: String, reason: String?, _ more: [String: Shape] = [:]) -> Expected {
        var members = more
        members["verdict"] = .equal(.string(name))
        if let reason { members["reason"] = .equal(.string(reason)) }
        return .result(members)
    }

    /// The verdict of the audit record, and its reason where the walk knows it.
    var recorded: (verdict: String?, error: String?, reason: String?) {
        switch self {
        case .result: (nil, nil, nil)
        case .denied(let reason): ("denied", nil, reason)
        case .withheld(let reason, _): ("accepted", nil, reason)
        case .error(let error): ("error", error.kind, error.reason ?? error.code)
        }
    }
}

/// An error as it has to be.
struct ExpectedError: Sendable {
    var kind: String
    /// `not_sent`, `refused` or `unknown`; nil where the question does not arise.
    var outcome: String?
    var isRetryable = false
    /// The status of Mosaic's answer; nil when there was none.
    var status: Int?
    /// Mosaic's symbolic code.
    var code: String?
    /// What the audit record says, where it is not Mosaic's code.
    var reason: String?
    /// The parameter at fault.
    var parameter: String?
    /// What there is to say of a time to wait; nothing if nil.
    var wait: Shape?
    /// Whether it says what is wrong with a new password.
    var hasViolations = false

    init(_ kind: String, outcome: String?, status: Int? = nil, code: String? = nil) {
        self.kind = kind
        self.outcome = outcome
        self.status = status
        self.code = code
    }

    /// What is wrong with an answer.
    func problems(_ answer: JSONTree, details: Bool) -> [String] {
        guard let code = MethodSpec.errorCodes[kind] else { return ["the design has no kind \(kind)"] }
        var data: [String: Shape] = [
            "kind": .equal(.string(kind)), "retryable": .equal(.boolean(isRetryable)), "call_id": .text,
        ]
        if let outcome { data["outcome"] = .equal(.string(outcome)) }
        if let parameter { data["param"] = .equal(.string(parameter)) }
        if let wait { data["retry_after_ms"] = wait }
        if hasViolations { data["violations"] = .listOf(.members(["code": .optional(.text), "message": .text])) }
        if details, let status {
            var upstream: [String: Shape] = ["status": .equal(.number(Double(status)))]
            if let code = self.code { upstream["code"] = .equal(.string(code)) }
            data["upstream"] = .members(upstream)
        }
        let error = Shape.members(["code": .equal(.number(Double(code))), "message": .text, "data": .members(data)])
        return error.problems(answer["error"], at: "error")
            + (answer["result"].map { _ in ["there is a result"] } ?? [])
    }
}
