import AgentProtocol
import Secrets
import StrictJSON
import Testing

/// Null in parameters: serializers of many languages write it for what is not set.
@Suite struct NullMemberTests {
    static func request(_ method: String, _ params: String) throws -> Request {
        let line = #"{"jsonrpc":"2.0","id":1,"method":"\#(method)","params":\#(params)}"#
        guard case .request(let request) = IncomingLine(parsing: Array(line.utf8)) else { throw Unexpected() }
        return request
    }

    /// The parameters as they are written again, or the parameter at fault.
    static func read(_ method: String, _ params: String) throws -> (text: String?, parameter: String?) {
        let type = try #require(MethodTable.main[method] ?? MethodTable.control[method])
        return try read(type, request(method, params))
    }

    private static func read<M: AgentMethod>(
        _ type: M.Type,
        _ request: Request
    ) throws -> (text: String?, parameter: String?) {
        do throws(ProtocolError) {
            let parameters = try type.parameters(of: request)
            _ = try request.metadata()
            var writer = JSONWriter(capacity: 256)
            parameters.encode(to: &writer)
            return (String(decoding: writer.bytes, as: UTF8.self), nil)
        } catch {
            #expect(error.code == -32602 && error.outcome == .notSent)
            return (nil, error.parameter)
        }
    }

    /// Parameters with null, and the same without.
    static let absent: [(String, String, String)] = [
        (
            "password.authenticate",
            #"""
            {"username":"u","password":"p","username_type":null,"session_id":null,"org_id":null,"resource":null,
            "claims":null,"client_attributes":null,"meta":null}
            """#,
            #"{"username":"u","password":"p"}"#
        ),
        (
            "password.authenticate",
            #"""
            {"username":"u","password":"p","client_attributes":{"user_agent":"a","ip_address":null},
            "meta":{"trace_id":null,"deadline_ms":null}}
            """#,
            #"{"username":"u","password":"p","client_attributes":{"user_agent":"a"}}"#
        ),
        ("user.get", #"{"user_id":null,"username":"u","identifier_name":null}"#, #"{"username":"u"}"#),
        (
            "user.create", #"{"email":"a@b","username":null,"name":{"title":null,"last_name":"L"},"credentials":null}"#,
            #"{"email":"a@b","name":{"last_name":"L"}}"#
        ),
        (
            "otp.send",
            #"""
            {"channel":"email","identifier_type":"username","identifier":"u","expires_in":null,"approval_data":null,
            "custom_email":null,"custom_phone_number":null,"custom_sms_input":null,"generate_request_id":null,
            "email_content":{"subject":"s","primaryColor":null}}
            """#,
            #"""
            {"channel":"email","identifier_type":"username","identifier":"u","email_content":{"subject":"s"}}
            """#
        ),
        ("session.list", #"{"user_id":"u","meta":{"client":null}}"#, #"{"user_id":"u"}"#),
        ("throttle.clear", #"{"kind":null,"value":null,"target":null,"uid":1,"all":null}"#, #"{"uid":1}"#),
        ("policy.explain", #"{"uid":1,"method":"m","gids":null,"target":null}"#, #"{"uid":1,"method":"m"}"#),
    ]

    @Test(arguments: absent)
    func `is as if the optional member were absent`(method: String, with: String, without: String) throws {
        let (text, parameter) = try Self.read(method, with)
        #expect(parameter == nil)
        #expect(text == (try Self.read(method, without).text))
        #expect(text != nil)
    }

    static let refused: [(String, String, String?)] = [
        ("password.authenticate", #"{"username":null,"password":"p"}"#, "username"),
        ("password.authenticate", #"{"username":"u","password":null}"#, "password"),
        ("password.authenticate", "null", nil),
        (
            "user.create", #"{"email":"a@b","credentials":{"password":null,"force_replace":true}}"#,
            "credentials.password"
        ),
        ("user.create", #"{"email":null}"#, nil),
        ("user.get", #"{"user_id":null}"#, nil),
        ("user.get", #"{"identifier_name":"badge","identifier_value":null}"#, "identifier_value"),
        ("user.create", #"{"secondary_emails":[null],"email":"a@b"}"#, "secondary_emails"),
        (
            "otp.send", #"{"channel":"sms","identifier_type":"a","identifier":"b","approval_data":{"a":null}}"#,
            "approval_data"
        ),
        ("throttle.clear", #"{"uid":null}"#, nil),
        // There, null could be meant to delete.
        ("user.update", #"{"user_id":"u","language":null}"#, "language"),
        ("user.update", #"{"user_id":"u","language":"de","email":null}"#, "email"),
        ("user.update", #"{"user_id":"u","name":{"title":null}}"#, "name.title"),
        ("user.update", #"{"user_id":null,"language":"de"}"#, "user_id"),
    ]

    @Test(arguments: refused)
    func `is refused for a required member, in arrays and flat objects, and in user.update`(
        method: String,
        params: String,
        parameter: String?
    ) throws {
        let read = try Self.read(method, params)
        #expect(read.text == nil)
        #expect(read.parameter == parameter)
    }

    @Test func `stays in objects that are passed on as the same text`() throws {
        let login = #"{"username":"u","password":"p","claims":{"id_token":{"a":null}}}"#
        #expect(try Self.read("password.authenticate", login).text == login)
        let update = #"{"user_id":"u","custom_data":{"a":null},"meta":{"trace_id":null}}"#
        #expect(try Self.read("user.update", update).text == #"{"user_id":"u","custom_data":{"a":null}}"#)
    }

    @Test func `is decided by whether a member is required, in every method`() {
        for method in MethodTableTests.everything.map({ $0.descriptor }) {
            for field in method.parameters {
                let params = JSONText { writer in
                    writer.beginObject()
                    writer.key(field.name)
                    writer.null()
                    writer.endObject()
                }
                let isRefused = (try? method.check(partial: params.value)) == nil
                #expect(isRefused == (field.isRequired || method.name == "user.update"), "\(method.name) \(field.name)")
            }
        }
    }

    @Test func `needs no right`() throws {
        let params = #"{"channel":"email","custom_email":null,"custom_sms_input":null}"#
        let send = try #require(MethodTable.main.descriptor(named: "otp.send"))
        #expect(send.fieldRights(usedBy: try Self.request("otp.send", params).params).isEmpty)
        #expect(send.furtherTargets(in: try Self.request("otp.send", params).params).isEmpty)
    }
}
