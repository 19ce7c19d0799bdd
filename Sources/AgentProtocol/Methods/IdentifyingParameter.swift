package import StrictJSON

/// A parameter, or a part of one, that names a user beside the method's target: an address to send to instead of the
/// user's own, a login name to be set.
struct IdentifyingParameter: Sendable {
    /// The names that lead to it.
    let path: [String]
    /// The kind of identifier that it is.
    let kind: IdentifierKind

    /// Those among the fields and their members, in their order.
    static func all(in fields: [Field], inside path: [String] = []) -> [IdentifyingParameter] {
        fields.flatMap { field -> [IdentifyingParameter] in
            let path = path + [field.name]
            if let kind = field.identifies { return [IdentifyingParameter(path: path, kind: kind)] }
            switch field.schema {
            case .object(_, let members), .array(of: .object(_, let members), _): return all(in: members, inside: path)
            default: return []
            }
        }
    }

    /// Adds the users that it names in `value`, from the path's place `depth` on.
    fileprivate func collect(from value: JSONValue, depth: Int = 0, into targets: inout [Target]) {
        if let elements = value.elements {
            for element in elements { collect(from: element, depth: depth, into: &targets) }
        } else if depth == path.count {
            if let bytes = value.utf8 { targets.append(Target(kind: kind, identifier: Identifier(bytes: bytes))) }
        } else if let member = value[path[depth]] {
            collect(from: member, depth: depth + 1, into: &targets)
        }
    }
}

extension MethodDescriptor {
    /// The users that checked parameters of this method name beside its target.
    package func furtherTargets(in params: JSONValue?) -> [Target] {
        guard let params, !identifyingParameters.isEmpty else { return [] }
        var targets: [Target] = []
        for parameter in identifyingParameters { parameter.collect(from: params, into: &targets) }
        return targets
    }

    /// The kinds of identifier by which a call can name its target; nil when any kind will do.
    package var targetKinds: [IdentifierKind]? {
        switch target {
        case .typed, .oneOfOrNamed: nil
        case .oneOf(let kinds, _), .firstOf(let kinds): kinds
        case nil: []
        }
    }
}
