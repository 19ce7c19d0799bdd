/// One call through the socket, the request that it must become as the contract has it, and a success to answer it with.
struct UpstreamCase: Sendable {
    /// In whose name the request goes.
    enum Authorization: Sendable {
        /// The client's own, by its access token.
        case client
        /// A user's, by the token in the parameters.
        case user(String)
        /// Nobody's: there is no `Authorization` field.
        case none
    }

    /// What the request carries.
    enum Body: Sendable {
        /// Nothing, and no content type.
        case none
        /// JSON with exactly these members.
        case json(String)
        /// A form with exactly these fields.
        case form([String: String])
    }

    /// The method of the agent.
    let method: String
    /// Its parameters, without `meta`.
    let params: String
    /// The HTTP method and the target as it stands in the request line.
    let line: String
    let authorization: Authorization
    let body: Body
    /// Parts of the body that must have arrived as they were written.
    let verbatim: [String]
    /// The status and the body of the answer.
    let status: Int
    let answer: String

    init(
        _ method: String,
        _ params: String,
        _ line: String,
        as authorization: Authorization = .client,
        _ body: Body = .none,
        verbatim: [String] = [],
        answer: String,
        status: Int = 200
    ) {
        self.method = method
        self.params = params
        self.line = line
        self.authorization = authorization
        self.body = body
        self.verbatim = verbatim
        self.answer = answer
        self.status = status
    }

    /// Whether the HTTP method only reads, so that a repetition changes nothing.
    var isRead: Bool { line.hasPrefix("GET ") }

    /// Whether the call only asks something, though with a POST.
    var isQuestion: Bool { method == "password.check" }

    /// Every call that is one request each time: with all parameters, and with as few as there can be.
    static let all = logins + oneTime + resets + credentials + users + preferences + sessions + tokens
}

/// Objects that several methods take, with all their members.
enum Shared {
    static let client = #"{"user_agent":"Browser/1","ip_address":"192.0.2.7"}"#
    static let mail =
        ##"{"subject":"S","primaryColor":"#6981FF","base64logo":"AA==","headerText":"H","bodyText":"B","##
        + #""linkText":"L","infoText":"I","footerText":"F","senderName":"N"}"#
}

/// Objects that are passed on as they are written, spaces, number forms and escapes included.
enum Verbatim {
    static let claims =
        #"{ "id_token" : {"email":null, "x":{"fields" : ["a","b"]}},"access_token":{ "roles":null } }"#
    static let approval = #"{ "amount":"12.50" , "n": 1.0,"ok":true }"#
    static let custom = #"{"a": 1.50,"big":12345678901234567890.10,"u":"\u00e9\/ü" ,"nested":[ {}, [1e3] ]}"#
}

/// Answers of Mosaic that several endpoints give.
enum Answers {
    /// E17, E19, E21, E22.
    static let session =
        #"{"access_token":"ua","token_type":"Bearer","expires_in":3600,"session_id":"s-9","id_token":"i","#
        + #""refresh_token":"r"}"#
    /// E9, E11, E12.
    static let resetToken = #"{"result":"reset-token-9"}"#
    /// E27, E31–E36, E38.
    static let user =
        #"{"result":{"user_id":"u-9","status":"Active","created_at":1700000000000,"updated_at":1700000000000}}"#
    /// E28–E30.
    static let passwordSet = #"{"result":{"message":"Password registered"}}"#
    /// E40, E41.
    static let preferences = #"{"result":{"auth_methods":{"email_otp":{"expiresIn":5}}}}"#
    /// E6, E8, E10.
    static let message = #"{"message":"sent"}"#
}
