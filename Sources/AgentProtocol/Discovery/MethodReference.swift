/// The reference of all methods, `docs/methods.md`, written from the method types.
public enum MethodReference {
    /// All methods of both sockets and the table of errors, as Markdown that ends with a line feed.
    public static func markdown() -> String {
        var text = ""
        for socket in SocketKind.allCases {
            text += "## Methods of the \(socket.rawValue) socket\n\n"
            for method in MethodTable.table(of: socket).methods {
                // What both sockets serve is described once.
                if socket == .control, method.descriptor.sockets.contains(.main) { continue }
                text += section(of: method.descriptor)
            }
            if socket == .control {
                let shared = MethodTable.allMethods.map { $0.descriptor }.filter { $0.sockets.count > 1 }
                text += "As on the main socket: " + shared.map { "`\($0.name)`" }.joined(separator: ", ") + ".\n\n"
            }
        }
        text += "## Members of `meta`\n\nAny method takes `meta` beside its parameters:\n\n"
        text += table(of: CallMetadata.fields)
        text += "\n## Error kinds\n\n" + errors()
        return text
    }

    /// The table of errors.
    static func errors() -> String {
        var text = "| code | `data.kind` | when | `data.retryable` |\n|---|---|---|---|\n"
        for entry in ErrorKind.table {
            text += "| \(entry.code) | `\(entry.kind)` | \(entry.summary) | \(entry.retryRule.text) |\n"
        }
        return text
    }

    static func section(of method: MethodDescriptor) -> String {
        var text = "### `\(method.name)`\n\n\(method.summary) \(method.fullDoc)\n\n"
        text += "- Who may call it: \(method.requirement.text).\n"
        if !method.furtherRights.isEmpty {
            text += "- It also needs: " + method.furtherRights.map { "`\($0)`" }.joined(separator: ", ") + ".\n"
        }
        if let target = method.target {
            text += "- The user it is about: " + target.names.map { "`\($0)`" }.joined(separator: " or ") + ".\n"
        }
        if let budget = method.budget { text += "- Counted in the user's budget of \(budget.rawValue).\n" }
        text += "- Sending it twice: \(method.retryClass.text).\n"
        if method.isSend {
            text +=
                "- With `meta.idempotency_key`: repeats within ten minutes are one send, and answered with `replayed`.\n"
        }
        if method.isUniform {
            text += "- Uniform: `denied` and `accepted` look the same, and take equally long, whatever the reason.\n"
        }
        text += "- Errors: " + method.allErrors.map { "`\($0)`" }.joined(separator: ", ") + ".\n\n"
        if method.parameters.isEmpty {
            text += "Parameters: none.\n\n"
        } else {
            text += "Parameters:\n\n" + table(of: method.parameters) + "\n"
        }
        text += results(of: method.result)
        for notification in method.notifications {
            text += "Notification `\(notification.name)`: \(notification.doc)\n\n"
            text += table(of: notification.parameters) + "\n"
        }
        return text
    }

    private static func results(of schema: Schema) -> String {
        switch schema {
        case .object(_, let fields):
            return fields.isEmpty ? "Result: an empty object.\n\n" : "Result:\n\n" + table(of: fields) + "\n"
        case .verdicts(let verdicts):
            var text = ""
            for verdict in verdicts {
                text += "Result with `verdict` = `\(verdict.verdict)`: \(verdict.doc)\n\n"
                if !verdict.fields.isEmpty { text += table(of: verdict.fields) + "\n" }
            }
            return text
        default:
            return "Result: \(schema.referenceText).\n\n"
        }
    }

    private static func table(of fields: [Field]) -> String {
        "| name | type | | meaning |\n|---|---|---|---|\n" + rows(of: fields, inside: "")
    }

    private static func rows(of fields: [Field], inside prefix: String) -> String {
        var text = ""
        for field in fields {
            let marks = [
                field.isRequired ? "required" : nil, field.isSensitive ? "secret" : nil,
                field.right.map { right in
                    "right `\(right.right)`" + (right.value.map { " for `\($0)`" } ?? "")
                },
            ]
            text += "| `\(prefix)\(field.name)` | \(field.schema.referenceText) | "
            text += marks.compactMap { $0 }.joined(separator: ", ") + " | \(field.doc) |\n"
            switch field.schema {
            case .object(_, let members): text += rows(of: members, inside: "\(prefix)\(field.name).")
            case .array(of: .object(_, let members), _): text += rows(of: members, inside: "\(prefix)\(field.name)[].")
            default: break
            }
        }
        return text
    }
}

extension Schema {
    /// The type with its limits, in a few words.
    fileprivate var referenceText: String {
        switch self {
        case .text(let lengths):
            if lengths.upperBound == Int.max { return "string" }
            return "string, \(lengths.lowerBound) to \(lengths.upperBound) bytes"
        case .formed(let form, let lengths):
            return "string, \(lengths.lowerBound) to \(lengths.upperBound) bytes, must \(form.rule)"
        case .choice(let choices): return choices.map { "`\($0)`" }.joined(separator: " or ")
        case .integer(let range):
            return range.upperBound == Int64.max ? "integer" : "integer, \(range.lowerBound) to \(range.upperBound)"
        case .number: return "number"
        case .boolean: return "boolean"
        case .requestID: return "string or integer"
        case .object, .anyObject, .verdicts: return "object"
        case .freeObject(let maximumBytes): return "object, at most \(maximumBytes) bytes as written"
        case .flatObject(let maximumCount, let maximumBytes):
            return "flat object, at most \(maximumCount) members and \(maximumBytes) bytes as written"
        case .array(.text(let lengths), _) where lengths.upperBound < Int.max:
            return "array of strings, each \(lengths.lowerBound) to \(lengths.upperBound) bytes"
        case .array(let element, _): return "array of \(element.referenceText)s"
        case .map(let element): return "object of \(element.referenceText)s"
        }
    }
}

extension MethodRequirement {
    fileprivate var text: String {
        switch self {
        case .everyone: "everyone who can connect"
        case .right(let right): "callers with the right `\(right)`"
        case .controlSocket: "callers of the control socket"
        }
    }
}

extension RetryClass {
    fileprivate var text: String {
        switch self {
        case .local: "harmless, the agent answers alone"
        case .read: "harmless, it only reads"
        case .idempotent: "harmless, a second one changes nothing more"
        case .effect: "has a second effect, unless `data.outcome` is `not_sent` or `refused`"
        }
    }
}

extension ErrorKind.RetryRule {
    fileprivate var text: String {
        switch self {
        case .never: "no"
        case .always: "yes"
        case .afterWait: "yes, after `retry_after_ms`"
        case .ifWithoutEffect: "if `outcome` is `not_sent` or `refused`"
        case .ifWithoutEffectOrRead:
            "if `outcome` is `not_sent` or `refused`, or for methods that are harmless to send twice"
        case .ifRead: "for methods that are harmless to send twice"
        }
    }
}
