import AgentProtocol
import StrictJSON
import TestSupport
import Testing

@testable import mosaicctl

@Suite struct SecretRedactorTests {
    struct Case: Sendable, CustomTestStringConvertible {
        let method: String
        let result: String
        let left: String

        init(_ method: String, _ result: String, leaves left: String) {
            self.method = method
            self.result = result
            self.left = left
        }

        var testDescription: String { "\(method) \(result)" }
    }

    @Test(arguments: [
        Case(
            "password.authenticate",
            #"{"verdict":"granted","access_token":"A","session_id":"S","user_id":"u"}"#,
            leaves: #"{"verdict":"granted","user_id":"u"}"#
        ),
        Case(
            "session.list",
            #"{"sessions":[{"session_id":"S","expired_on":1}]}"#,
            leaves: #"{"sessions":[{"expired_on":1}]}"#
        ),
        // Harmless here, whatever has the same name elsewhere.
        Case(
            "daemon.status",
            #"{"clients":[{"name":"a","credential":{"kind":"file","differs":false}}]}"#,
            leaves: #"{"clients":[{"name":"a","credential":{"kind":"file","differs":false}}]}"#
        ),
        Case(
            "password.check",
            #"{"valid_password":false,"errors":[{"code":"too_short","message":"m"}]}"#,
            leaves: #"{"valid_password":false,"errors":[{"code":"too_short","message":"m"}]}"#
        ),
        Case(
            "token.verify",
            #"{"valid":true,"claims":{"code":"c","x":[{"url":"u"}]}}"#,
            leaves: #"{"valid":true,"claims":{"code":"c","x":[{"url":"u"}]}}"#
        ),
        // A newer agent: members and verdicts that nobody here knows.
        Case(
            "daemon.status",
            #"{"new":{"refresh_token":"R","n":1},"access_token":"A"}"#,
            leaves: #"{"new":{"n":1}}"#
        ),
        Case("password.authenticate", #"{"verdict":"new","code":"c","n":1}"#, leaves: #"{"verdict":"new","n":1}"#),
        // What is not of the form that it should have.
        Case("session.list", #"{"sessions":{"a":{"session_id":"S"}}}"#, leaves: #"{"sessions":{"a":{}}}"#),
        Case("daemon.status", #"{"clients":[[{"password":"P"}]]}"#, leaves: #"{"clients":[[{}]]}"#),
    ])
    func `a result is shown without what its method calls a secret`(_ example: Case) throws {
        let method = try #require(MethodTable.main[example.method] ?? MethodTable.control[example.method])
        let value = try JSONDocument(parsing: Array(example.result.utf8), maximumDepth: 16).root
        let secrets = SecretRedactor(schema: method.descriptor.result)
        let (json, names) = secrets.removed(from: value)
        #expect(json.value.rawText.description == example.left)
        #expect((secrets.first(in: value) == nil) == names.isEmpty)
    }

    @Test(
        arguments: [
            ("daemon.rotate_credential", #"{"client":"a","client_secret":"S"}"#, "client_secret"),
            ("user.create", #"{"credentials":{"password":"P"}}"#, "credentials.password"),
            ("password.authenticate", #"{"username":"a","claims":{"code":"c"}}"#, nil),
            ("daemon.status", #"{"x":[{"token":"T"}]}"#, "x.token"),
            (nil, #"{"x":{"token":"T"}}"#, "x.token"),
        ] as [(String?, String, String?)]
    )
    func `parameters are searched by the schema, then by name`(method: String?, params: String, path: String?) throws {
        let descriptor = method.flatMap { MethodTable.main[$0] ?? MethodTable.control[$0] }?.descriptor
        let value = try JSONDocument(parsing: Array(params.utf8), maximumDepth: 16).root
        #expect(
            SecretRedactor(schema: descriptor.map { .object(name: "Parameters", fields: $0.parameters) }).first(
                in: value
            ) == path
        )
    }
}
