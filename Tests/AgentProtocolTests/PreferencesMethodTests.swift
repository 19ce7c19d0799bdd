import AgentProtocol
import StrictJSON
import Testing

@Suite struct `The methods about preferences` {
    private func request(_ method: String, _ params: String) throws -> Request {
        let line = #"{"jsonrpc":"2.0","id":1,"method":"\#(method)","params":\#(params)}"#
        guard case .request(let request) = IncomingLine(parsing: Array(line.utf8)) else { throw Unexpected() }
        return request
    }

    @Test func `pass settings on as the text they came as, in the order of the table`() throws {
        let params = #"{"sms":{ "codeLength": 6 },"password":{"a":[1.50,{}]},"app_id":"a-b"}"#
        let parameters = try PreferencesUpdate.parameters(of: request("preferences.update", params))
        #expect(parameters.appID == "a-b")
        #expect(parameters.methods[.password]?.description == #"{"a":[1.50,{}]}"#)
        #expect(parameters.methods[.sms]?.description == #"{ "codeLength": 6 }"#)
        let line = PreferencesUpdate.requestLine(id: try #require(RequestID(1)), parameters: parameters)
        #expect(
            String(decoding: line, as: UTF8.self)
                == #"{"jsonrpc":"2.0","id":1,"method":"preferences.update","params":{"app_id":"a-b","#
                + #""password":{"a":[1.50,{}]},"sms":{ "codeLength": 6 }}}"#
        )
    }

    private static let refused: [(String, String?, String)] = [
        ("{}", nil, "at least one of password, email, email_otp, sms"),
        (#"{"app_id":"a"}"#, nil, "at least one of"),
        (#"{"password":[]}"#, "password", "an object"),
        (#"{"password":null}"#, nil, "at least one of"),
        (#"{"face":{}}"#, "face", "unknown parameter face"),
        (#"{"auth_methods":{}}"#, "auth_methods", "unknown parameter auth_methods"),
        (#"{"app_id":"","sms":{}}"#, "app_id", "1 to 256 bytes"),
        (#"{"sms":{"a":"\#(String(repeating: "x", count: 16_384))"}}"#, "sms", "16384 bytes"),
    ]

    @Test(arguments: refused)
    func `refuse what is no change`(params: String, parameter: String?, text: String) throws {
        let request = try request("preferences.update", params)
        let error = #expect(throws: ProtocolError.self) { try PreferencesUpdate.parameters(of: request) }
        #expect(error?.parameter == parameter)
        #expect(error?.message.contains(text) == true, "\(error?.message ?? "")")
    }

    @Test func `take any method by its name, and none without a name in the table`() throws {
        for method in LoginMethod.known {
            let parameters = try PreferencesUpdate.parameters(
                of: request("preferences.update", #"{"\#(method)":{}}"#)
            )
            #expect(parameters.methods.keys.map(\.name) == [method.name])
        }
        #expect(LoginMethod.known.count == 12)
    }

    @Test func `answer the methods as Mosaic wrote them, unknown ones too`() throws {
        let methods = #"{"password":{"x": 1},"face":{},"new":[]}"#
        let json = try JSONDocument(
            parsing: Array(#"{"app_id":"a","auth_methods":\#(methods),"more":1}"#.utf8),
            maximumDepth: 16
        ).root
        let result = try PreferencesGet.result(from: json)
        #expect(result.authMethods.description == methods && result[.password]?["x"]?.integer == 1)
        #expect(result[.sms] == nil)
        let line = PreferencesGet.answerLine(id: try #require(RequestID(1)), result: result)
        let text = String(decoding: line, as: UTF8.self)
        #expect(text == #"{"jsonrpc":"2.0","id":1,"result":{"app_id":"a","auth_methods":\#(methods)}}"#)
        try PreferencesGet.Result.schema.check(json, as: .result)
    }

    @Test func `mark the settings that can hold a provider's secret`() {
        let marked = PreferencesUpdate.descriptor.parameters.filter(\.isSensitive).map(\.name)
        #expect(marked == ["google", "facebook", "apple", "line", "tiktok", "push"])
    }
}
