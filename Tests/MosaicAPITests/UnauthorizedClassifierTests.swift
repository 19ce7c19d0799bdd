import Secrets
import Testing

@testable import MosaicAPI

struct `The rule for 401 answers` {
    typealias Proof = UnauthorizedClassifier.Proof
    typealias Meaning = UnauthorizedClassifier.Meaning

    static let young = Proof.clientToken(age: .seconds(60), isRepeat: false)
    static let old = Proof.clientToken(age: .seconds(61), isRepeat: false)
    static let repeated = Proof.clientToken(age: .seconds(1), isRepeat: true)

    /// What an answer means to each proof, by the order of the rule.
    struct Row: Sendable, CustomTestStringConvertible {
        let body: String
        let challenges: [String]
        var young = Meaning.answer
        var old = Meaning.answer
        var repeated = Meaning.answer
        var user = Meaning.answer
        var none = Meaning.answer

        var testDescription: String { "\(challenges) \(body.prefix(60))" }
    }

    static let known = #"{"error_code":"auth_invalid_credentials","message":"no"}"#
    static let other = #"{"error_code":"user_brand_new","message":"no"}"#
    static let plain = #"{"error_code":401,"message":"Unauthorized"}"#
    static let certain = Meaning.bearerRefused(isCertain: true)
    static let doubtful = Meaning.bearerRefused(isCertain: false)

    static func bearer(_ body: String, _ challenges: [String]) -> Row {
        Row(
            body: body,
            challenges: challenges,
            young: certain,
            old: certain,
            repeated: .credentialRejected,
            none: .violation
        )
    }

    static func violation(_ body: String, _ challenges: [String]) -> Row {
        Row(
            body: body,
            challenges: challenges,
            young: .violation,
            old: challenges.isEmpty ? doubtful : .violation,
            repeated: .violation,
            user: .violation,
            none: .violation
        )
    }

    /// Bodies that are no JSON object.
    static let noObjects = [
        "", "<html><h1>401</h1></html>", "Unauthorized", #"{"message":"Unautho"#, "[{}]", "401", "null", "\"no\"",
        #"{"message":"a","message":"b"}"#, String(repeating: #"{"a":"#, count: 50_000),
        String(repeating: "[", count: 50_000) + String(repeating: "]", count: 50_000),
        String(repeating: #"{"error_code":"#, count: 50_000) + "1" + String(repeating: "}", count: 50_000),
    ]
    static let bearerFields = [
        ["Bearer"], ["bearer error=\"invalid_token\""], ["Basic realm=\"a\"", "BEARER"],
        ["Basic realm=\"a\", Bearer realm=\"b\""],
    ]
    static let otherFields = [["Basic realm=\"Bearer\""], ["Negotiate"], ["Basic realm=\"x, Bearer\""], ["{}"]]

    static let rows =
        ([[]] + bearerFields + otherFields).map { Row(body: known, challenges: $0) }
        + ([[]] + otherFields).map { Row(body: other, challenges: $0) } + bearerFields.map { bearer(other, $0) }
        + bearerFields.flatMap { fields in (noObjects + [plain]).map { bearer($0, fields) } }
        + otherFields.flatMap { fields in (noObjects + [plain]).map { violation($0, fields) } }
        + noObjects.map { violation($0, []) }
        + [plain, "{}", #"{"message":"Unauthorized"}"#, #"{"error":"invalid_token"}"#].map {
            Row(body: $0, challenges: [], old: doubtful)
        }

    @Test(arguments: rows)
    func `tells the endpoint's answer from a refused bearer and from what is neither`(row: Row) {
        let refusal = UpstreamError(UpstreamResponse(401, row.body, authenticate: row.challenges), wallClock: 0)
        func meaning(_ proof: Proof) -> Meaning { UnauthorizedClassifier.meaning(of: refusal, to: proof) }
        #expect(meaning(Self.young) == row.young)
        #expect(meaning(Self.old) == row.old)
        #expect(meaning(Self.repeated) == row.repeated)
        #expect(meaning(.userToken) == row.user)
        #expect(meaning(.none) == row.none)
        #expect(meaning(.clientCredential) == .answer)
    }

    @Test func `believes a code of the contract only in error_code`() {
        for member in ["error", "ts_error_code"] {
            let refusal = UpstreamError(
                UpstreamResponse(401, #"{"\#(member)":"auth_locked"}"#, authenticate: ["Bearer"]),
                wallClock: 0
            )
            #expect(UnauthorizedClassifier.meaning(of: refusal, to: Self.young) == Self.certain)
        }
    }
}

/// Every shape of answer at every endpoint that decides about a user: only those listed as a decision deny anything, so no
/// right password, code or link is denied by a cloud that is broken in another shape.
struct `An endpoint that decides` {
    /// The endpoints, and what they make of an answer.
    enum Endpoint: String, CaseIterable, Sendable {
        case e5 = "E5"
        case e9 = "E9"
        case e11 = "E11"
        case e12 = "E12"
        case e17 = "E17"
        case e19 = "E19"
        case e21 = "E21"

        /// Whether a plain 401 is a decision there.
        var decidesByPlain401: Bool { self != .e9 && self != .e11 }

        /// Whether the answer denies.
        func denies(_ refusal: UpstreamError) -> Bool {
            let secret = Secret("s")
            switch self {
            case .e5:
                let login = PasswordLoginOperation(
                    kind: .email,
                    identifier: secret,
                    password: secret,
                    clientID: "c",
                    redirectURI: "r"
                )
                if case .success(.denied) = login.output(of: refusal) { return true }
            case .e9:
                let check = ResetVerifyOTPOperation<EmailResetChannel>(
                    kind: .email,
                    identifier: secret,
                    passcode: secret
                )
                if case .success(.denied) = check.output(of: refusal) { return true }
            case .e11:
                let check = ResetVerifyOTPOperation<SMSResetChannel>(
                    kind: .phoneNumber,
                    identifier: secret,
                    passcode: secret
                )
                if case .success(.denied) = check.output(of: refusal) { return true }
            case .e12:
                let check = ResetVerifyPasswordOperation(
                    kind: .email,
                    identifier: secret,
                    password: secret,
                    clientID: "c"
                )
                if case .success(.denied) = check.output(of: refusal) { return true }
            case .e17:
                if case .success(.denied) = PasswordErrorMapping.classify(refusal, joinsSession: false) { return true }
            case .e19:
                if case .success(.denied) = LinkAuthenticateOperation(code: secret).output(of: refusal) { return true }
            case .e21:
                let login = OTPAuthenticateOperation(passcode: secret, identifierType: "email", identifier: secret)
                if case .success(.denied) = login.output(of: refusal) { return true }
            }
            return false
        }

        /// What the requests carry: E5 and E12 go without a token.
        var proofs: [UnauthorizedClassifier.Proof] {
            switch self {
            case .e5, .e12: [.none]
            default:
                [`The rule for 401 answers`.young, `The rule for 401 answers`.old, `The rule for 401 answers`.repeated]
            }
        }
    }

    struct Body: Sendable {
        let name: String
        let text: @Sendable (_ status: Int) -> String

        init(_ name: String, _ text: @escaping @Sendable (_ status: Int) -> String) {
            self.name = name
            self.text = text
        }
    }

    static let bodies = [
        Body("none") { _ in "" }, Body("html") { "<html><h1>\($0)</h1></html>" }, Body("text") { "Error \($0)" },
        Body("truncated") { #"{"error_code":\#($0),"message":"Unau"# },
        Body("truncated decision") { _ in #"{"error_code":"auth_invalid_credentials""# },
        Body("deep") { _ in String(repeating: #"{"error_code":"#, count: 50_000) },
        Body("array") { _ in #"[{"error_code":"auth_invalid_credentials"}]"# }, Body("scalar") { "\($0)" },
        Body("string") { _ in #""auth_invalid_credentials""# }, Body("null") { _ in "null" },
        Body("{}") { _ in "{}" }, Body("message") { _ in #"{"message":"Unauthorized"}"# },
        Body("gateway") { #"{"statusCode":\#($0),"message":"Bad Request"}"# },
        Body("problem") { #"{"type":"about:blank","status":\#($0),"title":"Unauthorized"}"# },
        Body("A") { #"{"error_code":\#($0),"message":["no"]}"# },
        Body("B") { #"{"error_code":\#($0),"message":"no"}"# },
        Body("C") { #"{"error_code":"\#($0)","message":"no"}"# },
        Body("D") { _ in #"{"error_code":"auth_invalid_credentials","message":"no"}"# },
        Body("D, new") { _ in #"{"error_code":"auth_brand_new","message":"no"}"# },
        Body("D, other") { _ in #"{"error_code":"system_service_unavailable","message":"no"}"# },
        Body("F") { _ in #"{"error":"invalid_token","error_description":"no"}"# },
        Body("permission") { #"{"error_code":\#($0),"message":"Forbidden resource: no permission"}"# },
    ]
    static let challenges: [String: [String]] = [
        "none": [], "bearer": ["Bearer error=\"invalid_token\""], "basic": ["Basic realm=\"x, Bearer\""],
        "both": ["Basic realm=\"x\", Bearer"], "two fields": ["Negotiate", "bearer realm=\"x\""],
        "broken": ["=\"Bearer\""],
    ]
    static let statuses = [302, 400, 401, 403, 404, 408, 409, 418, 429, 500, 501, 502, 503, 504, 520, 599]

    /// The shapes that are a decision.
    ///
    /// | status | body | challenges | endpoints |
    /// |---|---|---|---|
    /// | 400, 401, 403, 404 | a code of the contract | any | all |
    /// | 400 | another `auth_` or `user_` code | any | all |
    /// | 401 | another `auth_` or `user_` code | no Bearer | all |
    /// | 400 | a message and 400 as its number | any | all |
    /// | 401 | another JSON object | none | all but E9 and E11 |
    /// | 403, 404 | the status as its number and a message that does not speak of permissions | any | E9, E11 |
    static func isDecision(_ status: Int, _ body: String, _ challenge: String, at endpoint: Endpoint) -> Bool {
        let asksForBearer = ["bearer", "both", "two fields"].contains(challenge)
        switch (status, body) {
        case (400, "D"), (401, "D"), (403, "D"), (404, "D"): return true
        case (400, "D, new"): return true
        case (401, "D, new"): return !asksForBearer
        case (400, "B"), (400, "C"), (400, "permission"): return true
        case (401, "{}"), (401, "message"), (401, "gateway"), (401, "problem"), (401, "A"), (401, "B"), (401, "C"),
            (401, "F"), (401, "permission"):
            return challenge == "none" && endpoint.decidesByPlain401
        case (403, "B"), (403, "C"), (404, "B"), (404, "C"), (404, "permission"):
            return !endpoint.decidesByPlain401
        default: return false
        }
    }

    @Test(arguments: Endpoint.allCases, statuses)
    func `denies in the shapes of a decision, and in no other`(endpoint: Endpoint, status: Int) {
        for body in Self.bodies {
            for (name, fields) in Self.challenges {
                let refusal = UpstreamError(
                    UpstreamResponse(status, body.text(status), authenticate: fields),
                    wallClock: 0
                )
                // The last answer: what an old token is refused with comes again, to a repeated call.
                let denies = endpoint.proofs.contains { proof in
                    let isAnswer = status != 401 || UnauthorizedClassifier.meaning(of: refusal, to: proof) == .answer
                    return isAnswer && endpoint.denies(refusal)
                }
                #expect(
                    denies == Self.isDecision(status, body.name, name, at: endpoint),
                    "\(endpoint.rawValue), \(status), \(body.name), challenges: \(name)"
                )
            }
        }
    }
}
