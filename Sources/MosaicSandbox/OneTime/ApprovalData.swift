/// What the user approves with a code (contract 3.10): a flat object of at most ten members.
enum ApprovalData {
    /// Reads the member `approval_data`; nil when it is absent.
    ///
    /// Names and texts are of letters, digits, `_`, `-` and `.` only. Numbers and booleans are taken to be allowed.
    static func read(_ fields: inout RequestFields) -> [String: JSONValue]? {
        guard let members = fields.freeObject("approval_data") else { return nil }
        if members.count > 10 { fields.report("approval_data must have at most 10 members") }
        for (name, value) in members.sorted(by: { $0.key < $1.key }) {
            let isAllowed =
                switch value {
                case .string(let text): isPlain(text)
                case .integer, .number, .boolean: true
                case .null, .array, .object: false
                }
            guard !isAllowed || name.isEmpty || !isPlain(name) else { continue }
            fields.report(
                "approval_data must be flat, its names and values of letters, digits, underscore, hyphen and period"
            )
            break
        }
        return members
    }

    private static func isPlain(_ text: String) -> Bool {
        text.utf8.allSatisfy { byte in
            switch byte {
            case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "_"), UInt8(ascii: "-"), UInt8(ascii: "."):
                true
            default: false
            }
        }
    }
}
