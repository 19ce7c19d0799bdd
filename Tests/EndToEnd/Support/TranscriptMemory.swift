/// What the answers of a transcript have brought that later requests of it name.
///
/// | in a request | stands for |
/// |---|---|
/// | `the password of alice`, `the password of bob` | the passwords of the seeded users |
/// | `the first NAME` | the string that the first answer with a member NAME in its result had there |
/// | `the last NAME` | the same of the newest such answer |
/// | `the code that the browser brought` | the code that the last `url` leads to |
/// | `the code that the mail brought` | the code in the last mail to alice |
struct TranscriptMemory {
    /// The members that are kept.
    static let names = [
        "user_id", "access_token", "id_token", "refresh_token", "session_id", "reset_token", "url", "code",
    ]
    static let code = "the code that the browser brought"
    static let mailedCode = "the code that the mail brought"

    private var first: [String: String] = [:]
    private var last: [String: String] = [:]

    /// Keeps what an answer has brought.
    mutating func learn(from answer: JSONTree) {
        if let result = answer["result"] { visit(result) }
    }

    private mutating func visit(_ value: JSONTree) {
        for (name, member) in (value.object ?? [:]).sorted(by: { $0.key < $1.key }) {
            if let text = member.string, Self.names.contains(name) {
                first[name] = first[name] ?? text
                last[name] = text
            }
            visit(member)
        }
        for element in value.array ?? [] { visit(element) }
    }

    /// The request with all that it names put in.
    func completing(_ request: Substring, in world: TestBed) async throws -> String {
        var text = request.replacing("the password of alice", with: Passwords.alice)
            .replacing("the password of bob", with: Passwords.temporary)
        for name in Self.names {
            text = text.replacing("the first \(name)", with: first[name] ?? "")
                .replacing("the last \(name)", with: last[name] ?? "")
        }
        if text.contains(Self.code), let url = last["url"] {
            text = text.replacing(Self.code, with: try await world.follow(url)["code"] ?? "")
        }
        if text.contains(Self.mailedCode) {
            text = text.replacing(Self.mailedCode, with: try await world.received("code", at: "alice@example.com"))
        }
        return String(text)
    }
}
