import AgentProtocol
import StrictJSON
import TestSupport
import Testing

@Suite struct MethodTableTests {
    static let everything = MethodTable.main.methods + MethodTable.control.methods

    @Test(arguments: ["daemon.rotate_credential", "daemon.refresh_token"])
    func `a method that changes something is not said to only read`(name: String) throws {
        let descriptor = try #require(Self.everything.first { $0.descriptor.name == name }).descriptor
        #expect(descriptor.retryClass == .idempotent)
        for kind in [ErrorKind.upstreamUnavailable, .upstreamProtocol] {
            #expect(kind.isRetryable(outcome: .unknown, retryClass: descriptor.retryClass), "it does no harm twice")
        }
        let reference = MethodReference.markdown()
        let section = try #require(reference.split(separator: "### `").first { $0.hasPrefix(name) })
        #expect(section.contains("harmless, a second one changes nothing more"))
    }

    @Test func `the sockets share nothing but what everyone may call`() {
        let main = Set(MethodTable.main.methods.map { $0.descriptor.name })
        let control = Set(MethodTable.control.methods.map { $0.descriptor.name })
        #expect(main == Set(MethodSpec.main.map(\.name)))
        #expect(control == MethodSpec.control)
        for name in main.intersection(control) {
            #expect(name.hasPrefix("system.") || name == "rpc.discover")
        }
    }

    @Test func `a method is found by exactly its name`() {
        #expect(MethodTable.main["password.authenticate"] != nil)
        #expect(MethodTable.main.descriptor(named: "system.ping")?.name == "system.ping")
        for name in ["", "password", "Password.authenticate", "password.authenticate ", "daemon.status", "$/cancel"] {
            #expect(MethodTable.main[name] == nil)
        }
        #expect(MethodTable.control["daemon.status"] != nil)
        #expect(MethodTable.control["password.authenticate"] == nil)
        #expect(MethodTable.table(of: .control).socket == .control)
    }

    @Test func `every method is described completely and consistently`() {
        for method in Self.everything {
            let descriptor = method.descriptor
            #expect(descriptor.summary.hasSuffix("."))
            #expect(!descriptor.doc.isEmpty)
            #expect(descriptor.parameters.allSatisfy { !$0.doc.isEmpty && $0.name != "meta" })
            #expect(Set(descriptor.parameters.map(\.name)).count == descriptor.parameters.count)
            // What acts upstream can fail upstream.
            #expect((descriptor.retryClass == .local) == !descriptor.errors.contains(.upstreamUnavailable))
            #expect((descriptor.requirement == .controlSocket) == (descriptor.sockets == [.control]))
            if case .typed(let value, let kind, _) = descriptor.target {
                let holder = descriptor.parameters.first { $0.name == value }
                #expect(descriptor.parameters.contains { $0.name == kind })
                // Who is operated on may be everybody; who is acted for at Mosaic must be said.
                #expect(holder?.isRequired == (descriptor.sockets != [.control]), "\(descriptor.name)")
            }
            if case .right(let right) = descriptor.requirement { #expect(Right.groups.contains(right)) }
        }
    }

    /// The budgets of design §8: who can guess, and who can have messages sent.
    static let budgets: [String: MethodBudget] = [
        "password.authenticate": .attempts, "password.login": .attempts, "otp.authenticate": .attempts,
        "reset.verify_email_otp": .attempts, "reset.verify_sms_otp": .attempts, "reset.verify_password": .attempts,
        "password.check": .attempts, "otp.send": .sends, "link.send": .sends, "reset.send_email_link": .sends,
        "reset.send_email_otp": .sends, "reset.send_sms_otp": .sends, "reset.create_link": .sends,
    ]

    @Test func `exactly the methods with a budget answer that it is used up`() throws {
        for method in Self.everything.map({ $0.descriptor }) {
            #expect(method.budget == Self.budgets[method.name], "\(method.name)")
            #expect(method.allErrors.contains(.throttled) == (method.budget != nil), "\(method.name)")
            // A budget is one user's, and what names the user is in the table.
            #expect(method.budget == nil || method.target != nil, "\(method.name)")
            #expect(!method.isSend || method.budget == .sends, "\(method.name)")
        }
    }

    @Test func `discovery and reference tell what a budget means to the caller`() throws {
        let document = MethodTable.main.openRPC(version: "1").value
        for method in document["methods"]?.elements.map(Array.init) ?? [] {
            let budget = Self.budgets[try #require(method["name"]?.string)]
            #expect(method["x-budget"]?.string == budget?.rawValue)
            let says = try #require(method["description"]?.string).contains("`throttled`")
            #expect(says == (budget != nil))
        }
        let reference = MethodReference.markdown()
        for budget in MethodBudget.allCases {
            let methods = Self.budgets.values.count { $0 == budget }
            #expect(reference.split(separator: budget.advice, omittingEmptySubsequences: false).count == methods + 1)
        }
    }

    /// Names that must be marked wherever they stand, in parameters and results.
    static let secretNames: Set<String> = [
        "password", "session_id", "access_token", "id_token", "refresh_token", "reset_token", "code", "token",
        "passcode", "link", "new_password", "prev_reset_token", "reset_link", "url", "code_verifier",
        "client_secret",
    ]

    @Test func `everything secret is marked sensitive`() {
        func check(_ schema: Schema) {
            switch schema {
            case .object(_, let fields): check(fields)
            // Objects in lists describe; their `code` is that of an error.
            case .array(.object(_, let fields), _): check(fields.filter { $0.name != "code" })
            case .array(let element, _): check(element)
            case .map(let element): check(element)
            case .verdicts(let verdicts): for verdict in verdicts { check(verdict.fields) }
            default: break
            }
        }
        func check(_ fields: [Field]) {
            for field in fields {
                if case .text = field.schema {
                    #expect(field.isSensitive == Self.secretNames.contains(field.name), "\(field.name)")
                }
                check(field.schema)
            }
        }
        for method in Self.everything {
            check(method.descriptor.parameters)
            check(method.descriptor.result)
        }
    }

    @Test(arguments: SocketKind.allCases)
    func `the discovery document keeps to the rules of OpenRPC`(socket: SocketKind) throws {
        let table = MethodTable.table(of: socket)
        let document = table.openRPC(version: "1.2.3").value
        #expect(OpenRPCValidator.problems(in: document) == [])
        #expect(document["info"]?["version"]?.string == "1.2.3")
        #expect(document["methods"]?.elements?.map { $0["name"]?.string } == table.methods.map { $0.descriptor.name })
    }

    @Test func `secrets are marked in the discovery document`() throws {
        let document = MethodTable.main.openRPC(version: "1").value
        let login = try #require(
            document["methods"]?.elements?.first { $0["name"]?.matches("password.authenticate") == true }
        )
        let marked = login["params"]?.elements?.filter { $0["schema"]?["x-sensitive"]?.boolean == true }
        #expect(marked?.map { $0["name"]?.string } == ["password", "session_id"])
        let schemas = document["components"]?["schemas"]
        #expect(login["result"]?["schema"]?["$ref"]?.string == "#/components/schemas/PasswordAuthenticateResult")
        #expect(
            schemas?["PasswordAuthenticateResult"]?["oneOf"]?.elements?.map { $0["$ref"]?.string } == [
                "#/components/schemas/PasswordAuthenticateResultGranted",
                "#/components/schemas/PasswordAuthenticateResultDenied",
                "#/components/schemas/PasswordAuthenticateResultPasswordChangeRequired",
            ]
        )
        let granted = schemas?["PasswordAuthenticateResultGranted"]
        #expect(granted?["properties"]?["verdict"]?["const"]?.string == "granted")
        for name in ["access_token", "session_id", "id_token", "refresh_token"] {
            #expect(granted?["properties"]?[name]?["x-sensitive"]?.boolean == true)
        }
        #expect(granted?["properties"]?["user_id"]?["x-sensitive"] == nil)
    }

    /// Names of schemas are names of types in generated clients.
    @Test(arguments: SocketKind.allCases)
    func `every object of the discovery document has a name, and every name an object`(socket: SocketKind) throws {
        let text = MethodTable.table(of: socket).openRPC(version: "1")
        let names = text.value["components"]?["schemas"]?.members?.compactMap { $0.key.string } ?? []
        #expect(names.count > 20)
        #expect(Set(names).count == names.count)
        for name in names {
            #expect(name.allSatisfy { $0.isASCII && ($0.isLetter || $0.isNumber) }, "\(name)")
            #expect(text.description.contains(##""$ref":"#/components/schemas/\##(name)""##), "\(name) is not used")
        }
    }

    static let choices: [(String, String)] = [
        (
            "user.get",
            #"""
            {"type":"object","oneOf":[{"required":["user_id"]},{"required":["username"]},{"required":["email"]},\#
            {"required":["phone_number"]},{"required":["external_user_id"]},\#
            {"required":["identifier_name","identifier_value"]}]}
            """#
        ),
        (
            "reset.verify_password",
            #"{"type":"object","oneOf":[{"required":["username"]},{"required":["email"]},{"required":["phone_number"]}]}"#
        ),
        (
            "password.check",
            #"""
            {"type":"object","oneOf":[{"required":["username"]},{"required":["email"]},{"required":["phone_number"]},\#
            {"not":{"anyOf":[{"required":["username"]},{"required":["email"]},{"required":["phone_number"]}]}}]}
            """#
        ),
        (
            "throttle.clear",
            #"""
            {"type":"object","oneOf":[{"required":["kind","value"]},{"required":["target"]},{"required":["uid"]},\#
            {"required":["all"]}]}
            """#
        ),
        (
            "user.create",
            #"""
            {"type":"object","anyOf":[{"required":["email"]},{"required":["phone_number"]},{"required":["username"]},\#
            {"required":["external_user_id"]}]}
            """#
        ),
    ]

    @Test(arguments: choices)
    func `which parameters go together is in the discovery document`(name: String, schema: String) throws {
        let document = (MethodTable.main[name] == nil ? MethodTable.control : .main).openRPC(version: "1").value
        let method = document["methods"]?.elements?.first { $0["name"]?.matches(name) == true }
        #expect(method?["x-params-schema"]?.rawText.description == schema)
    }

    @Test func `what is said of strings needs no look-around`() throws {
        let document = MethodTable.main.openRPC(version: "1").value
        let login = document["methods"]?.elements?.first { $0["name"]?.matches("password.authenticate") == true }
        let session = document["methods"]?.elements?.first { $0["name"]?.matches("session.authenticate") == true }
        let device = session?["params"]?.elements?.first { $0["name"]?.matches("device_id") == true }?["schema"]
        #expect(device?["maxLength"]?.integer == 80 && device?["x-max-bytes"]?.integer == 320)
        #expect(device?["minLength"]?.integer == 1 && device?["pattern"] == nil)
        #expect(login?["x-target"]?.rawText.description == #"["username"]"#)
        let message = document["components"]?["schemas"]?["CustomSMSInput"]?["properties"]?["custom_message"]
        #expect(message?["maxLength"]?.integer == 140)
        #expect(message?["allOf"]?.rawText.description == #"[{"pattern":"\\{otp\\}"},{"pattern":"\\{app\\}"}]"#)
    }

    @Test func `the validator notices what breaks the rules`() throws {
        for text in [
            "{}", #"{"openrpc":"1.3.2","info":{"title":"t","version":"1","description":"d"},"methods":[],"more":1}"#,
            #"{"openrpc":"9","info":{"title":"t","version":"1","description":"d"},"methods":[]}"#,
            #"{"openrpc":"1.3.2","info":{"title":"t","version":"1","description":"d"},"methods":[{"name":"m"}]}"#,
            #"""
            {"openrpc":"1.3.2","info":{"title":"t","version":"1","description":"d"},"methods":[{"name":"m","summary":"s",
            "description":"d","params":[{"name":"p","schema":{"type":"text"}}]}]}
            """#,
            #"""
            {"openrpc":"1.3.2","info":{"title":"t","version":"1","description":"d"},"methods":[{"name":"m","summary":"s",
            "description":"d","params":[],"errors":[{"$ref":"#/components/errors/none"}]}]}
            """#,
        ] {
            let document = try JSONDocument(parsing: Array(text.utf8), maximumDepth: 16).root
            #expect(!OpenRPCValidator.problems(in: document).isEmpty)
        }
        let good = #"{"openrpc":"1.3.2","info":{"title":"t","version":"1","description":"d"},"methods":[]}"#
        #expect(OpenRPCValidator.problems(in: try JSONDocument(parsing: Array(good.utf8), maximumDepth: 4).root) == [])
    }

    @Test func `the reference describes every method, field and error once`() {
        let text = MethodReference.markdown()
        for name in Set(Self.everything.map { $0.descriptor.name }) {
            #expect(text.split(separator: "\n").filter { $0 == "### `\(name)`" }.count == 1)
        }
        for entry in ErrorKind.table { #expect(text.contains("| \(entry.code) | `\(entry.kind)` |")) }
        #expect(text.contains("| `password` | string, 1 to 4096 bytes | required, secret |"))
        #expect(text.contains("| `client_attributes.ip_address` | string, 1 to 64 bytes |  |"))
        #expect(text.contains("Result with `verdict` = `password_change_required`"))
        #expect(text.contains("| `deadline_ms` | integer, 1 to 600000 |"))
        #expect(!text.contains("\t"))
        #expect(text.hasSuffix("|\n"))
    }
}
