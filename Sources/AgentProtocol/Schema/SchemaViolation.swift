/// A value that is not what its schema says; names the place and the rule, never the value.
public struct SchemaViolation: Error, Hashable, Sendable, CustomStringConvertible {
    /// What is wrong.
    public enum Problem: Hashable, Sendable {
        /// There is no such member; these there are.
        case unknown(allowed: [String])
        /// The member must be there.
        case missing
        /// The value is of another type; the text says of which it must be.
        case mistyped(expected: String)
        /// The text is shorter or longer than allowed, in bytes.
        case length(ClosedRange<Int>)
        /// The integer is outside the range.
        case range(ClosedRange<Int64>)
        /// The text is none of these.
        case choice([String])
        /// The array has more elements, or the object more members, than this.
        case count(Int)
        /// The text has not the form that this says, such as `only have letters and digits`.
        case form(String)
        /// Exactly one of these members must be there.
        case oneOf([String])
        /// At least one of these members must be there.
        case noneOf([String])
        /// The member can only be there under this condition.
        case only(String)
    }

    /// The names that lead to the value, joined with dots; nil for the outermost one.
    public let path: String?
    /// What is wrong.
    public let problem: Problem

    init(_ problem: Problem, at name: String? = nil) {
        self.problem = problem
        self.path = name.map { Self.shortened($0) }
    }

    private init(_ problem: Problem, path: String) {
        self.problem = problem
        self.path = path
    }

    /// The same violation as seen from the object around it.
    func inside(_ name: String) -> SchemaViolation {
        SchemaViolation(problem, path: path.map { "\(name).\($0)" } ?? name)
    }

    /// An unknown name comes from the caller, so its size in answers and in the journal is limited.
    private static func shortened(_ name: String) -> String {
        guard name.utf8.count > 64 else { return name }
        var short = ""
        for character in name.unicodeScalars {
            guard short.utf8.count + String(character).utf8.count <= 61 else { break }
            short.unicodeScalars.append(character)
        }
        return short + "..."
    }

    /// A sentence that says what is wrong and what is allowed.
    public var description: String {
        let name = path ?? "params"
        switch problem {
        case .unknown(let allowed):
            return "unknown parameter \(name); "
                + (allowed.isEmpty ? "none is allowed" : "allowed: \(allowed.joined(separator: ", "))")
        case .missing: return "\(name) is missing"
        case .mistyped(let expected): return "\(name) must be \(expected)"
        case .length(let range):
            if range.lowerBound == 0 { return "\(name) must have at most \(range.upperBound) bytes" }
            return "\(name) must have \(range.lowerBound) to \(range.upperBound) bytes"
        case .range(let range): return "\(name) must be within \(range.lowerBound) to \(range.upperBound)"
        case .choice(let choices): return "\(name) must be one of \(choices.joined(separator: ", "))"
        case .count(let maximum): return "\(name) must have at most \(maximum) elements"
        case .form(let rule): return "\(name) must \(rule)"
        case .oneOf(let names): return "exactly one of \(names.joined(separator: ", ")) must be given"
        case .noneOf(let names): return "at least one of \(names.joined(separator: ", ")) must be given"
        case .only(let condition): return "\(name) can only be used \(condition)"
        }
    }
}
