package import StrictJSON

/// Which parameters name the user a call is about.
///
/// Parameters that follow a rule are read with ``ObjectReader/target(_:)`` and written with
/// `JSONWriter.target(_:_:)`; access and audit find the user by the same rule.
public enum TargetRule: Hashable, Sendable {
    /// `value` holds the identifier; its kind is the value of `kind`, or `defaultKind` when that is missing;
    /// without a default it never is.
    case typed(value: String, kind: String, defaultKind: IdentifierKind?)
    /// Exactly one of several parameters, each named after the kind of identifier that it holds; none at all is allowed
    /// only if `isRequired` is false. Also for a single parameter, such as `user_id`.
    case oneOf([IdentifierKind], isRequired: Bool = true)
    /// As ``oneOf(_:isRequired:)``, or else any other kind: its name in the parameter `name`, the identifier in `value`.
    /// For look-ups, where identifiers with a parameter of their own become a segment of a path.
    case oneOfOrNamed([IdentifierKind], name: String, value: String)
    /// The first of several parameters that is given, each named after the kind of identifier that it holds; at least
    /// one is. Their schema is the method's own.
    case firstOf([IdentifierKind])

    /// The parameter `user_id`, which becomes a segment of a path.
    static let userID = TargetRule.oneOf([.userID])

    /// The names of the parameters that can hold the identifier.
    public var names: [String] {
        switch self {
        case .typed(let value, _, _): [value]
        case .oneOf(let kinds, _), .firstOf(let kinds): kinds.map(\.name)
        case .oneOfOrNamed(let kinds, _, let value): kinds.map(\.name) + [value]
        }
    }

    /// The parameters of a ``oneOf(_:isRequired:)`` or ``oneOfOrNamed(_:name:value:)`` rule, for a schema.
    ///
    /// - Parameter right: what using any of them needs beside the method's own right.
    public func fields(right: FieldRight? = nil) -> [Field] {
        switch self {
        case .typed, .firstOf: []
        case .oneOf(let kinds, let isRequired):
            Self.fields(kinds, isRequired: isRequired, isSegment: false, right: right)
        case .oneOfOrNamed(let kinds, let name, let value):
            Self.fields(kinds, isRequired: true, isSegment: true, right: right) + [
                Field(name, .text(1...256), right: right, doc: "Mosaic's name of another kind of identifier."),
                Field(
                    value,
                    .text(1...ProtocolLimits.maximumIdentifierBytes),
                    right: right,
                    doc: "The identifier of the kind that `\(name)` says."
                ),
            ]
        }
    }

    private static func fields(
        _ kinds: [IdentifierKind],
        isRequired: Bool,
        isSegment: Bool,
        right: FieldRight?
    ) -> [Field] {
        let lengths = 1...ProtocolLimits.maximumIdentifierBytes
        return kinds.map { kind in
            Field(
                kind.name,
                form(of: kind, isSegment: isSegment).map { Schema.formed($0, lengths) } ?? .text(lengths),
                isRequired: isRequired && kinds.count == 1,
                right: right,
                doc: kinds.count == 1
                    ? "\(kind.meaning) Compared byte for byte."
                    : "\(kind.meaning) \(isRequired ? "Exactly" : "At most") one of \(list(kinds)) is given."
            )
        }
    }

    /// The rule for identifiers of a kind where they become a segment of a path. Mosaic's own ids always do, and have a
    /// narrower rule than what users and applications choose.
    private static func form(of kind: IdentifierKind, isSegment: Bool) -> TextForm? {
        kind == .userID ? .pathID : isSegment ? .pathSegment : nil
    }

    /// The user that the members of `params` name, or nil when they name none.
    ///
    /// - Throws: when they name two, or none where one is needed.
    package func target(in params: JSONValue) throws(SchemaViolation) -> Target? {
        switch self {
        case .typed(let value, let kind, let defaultKind):
            guard let bytes = params[value]?.utf8 else { return nil }
            guard let kind = params[kind]?.string.map({ IdentifierKind($0) }) ?? defaultKind else { return nil }
            return Target(kind: kind, identifier: Identifier(bytes: bytes))
        case .oneOf(let kinds, let isRequired):
            var found: Target?
            for kind in kinds {
                guard let bytes = params[kind.name]?.utf8 else { continue }
                if found != nil { throw SchemaViolation(.oneOf(kinds.map(\.name)), at: kind.name) }
                found = Target(kind: kind, identifier: Identifier(bytes: bytes))
            }
            if found == nil, isRequired, let first = kinds.first {
                throw SchemaViolation(kinds.count == 1 ? .missing : .oneOf(kinds.map(\.name)), at: first.name)
            }
            return found
        case .oneOfOrNamed(let kinds, let name, let value):
            return try Self.target(in: params, kinds: kinds, name: name, value: value)
        case .firstOf(let kinds):
            for kind in kinds {
                guard let bytes = params[kind.name]?.utf8 else { continue }
                return Target(kind: kind, identifier: Identifier(bytes: bytes))
            }
            throw SchemaViolation(.noneOf(kinds.map(\.name)))
        }
    }

    private static func target(
        in params: JSONValue,
        kinds: [IdentifierKind],
        name: String,
        value: String
    ) throws(SchemaViolation) -> Target? {
        let own = try TargetRule.oneOf(kinds, isRequired: false).target(in: params)
        switch (own, params[name]?.string, params[value]?.utf8) {
        case (let own?, nil, nil):
            return own
        case (nil, let name?, let bytes?):
            let kind = IdentifierKind(mosaicName: name)
            // The schema does not know that the name is that of a parameter of its own.
            if kinds.contains(kind), let form = Self.form(of: kind, isSegment: true), !form.accepts(bytes) {
                throw SchemaViolation(.form(form.rule), at: value)
            }
            return Target(kind: kind, identifier: Identifier(bytes: bytes))
        case (nil, _?, nil):
            throw SchemaViolation(.missing, at: value)
        case (nil, nil, _?):
            throw SchemaViolation(.missing, at: name)
        case (nil, nil, nil), (_?, _, _):
            throw SchemaViolation(.oneOf(kinds.map(\.name) + [name]))
        }
    }

    private static func list(_ kinds: [IdentifierKind]) -> String {
        kinds.map { "`\($0.name)`" }.joined(separator: ", ")
    }
}

extension IdentifierKind {
    /// The kind with this name in the look-up by name (E33), where Mosaic writes camelCase.
    init(mosaicName: String) {
        self = Self.known.first { $0.mosaicName == mosaicName } ?? IdentifierKind(mosaicName)
    }

    /// The name of the kind in the look-up by name (E33).
    package var mosaicName: String {
        switch self {
        case .phoneNumber: "phoneNumber"
        case .userID: "userId"
        case .externalUserID: "externalUserId"
        default: name
        }
    }

    /// What a parameter of this name holds, as a sentence.
    fileprivate var meaning: String {
        switch self {
        case .username: "The user name."
        case .email: "The e-mail address."
        case .phoneNumber: "The phone number, in the form of E.164."
        case .userID: "Mosaic's id of the user."
        case .externalUserID: "The user's id in the application's own system."
        default: "The user's `\(name)`."
        }
    }
}

extension ObjectReader {
    /// The user that the members name, which a rule without need for one may leave out.
    public func optionalTarget(_ rule: TargetRule) throws(SchemaViolation) -> Target? {
        try rule.target(in: value)
    }

    /// The user that the members name.
    public func target(_ rule: TargetRule) throws(SchemaViolation) -> Target {
        guard let target = try rule.target(in: value) else {
            throw SchemaViolation(.missing, at: rule.names.first ?? "")
        }
        return target
    }
}

extension JSONWriter {
    /// Writes the members that name a user, or nothing for nil.
    package mutating func target(_ target: Target?, _ rule: TargetRule) {
        guard let target else { return }
        switch rule {
        case .typed(let value, let kind, let defaultKind):
            member(value, target.identifier)
            if target.kind != defaultKind { member(kind, target.kind.name) }
        case .oneOf, .firstOf:
            member(target.kind.name, target.identifier)
        case .oneOfOrNamed(let kinds, let name, let value):
            if kinds.contains(target.kind) {
                member(target.kind.name, target.identifier)
            } else {
                member(name, target.kind.mosaicName)
                member(value, target.identifier)
            }
        }
    }
}
