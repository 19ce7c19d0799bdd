/// A path with parameters in braces, such as `/cis/v1/users/{user_id}/password`.
struct PathTemplate: Sendable {
    private enum Segment {
        case literal(String)
        case parameter(String)
    }

    private let segments: [Segment]
    /// The template as written.
    let text: String

    init(_ text: String) {
        self.text = text
        self.segments = text.split(separator: "/").map { part in
            part.first == "{" && part.last == "}"
                ? .parameter(String(part.dropFirst().dropLast())) : .literal(String(part))
        }
    }

    /// Whether a request path, still percent-encoded, has this form.
    func matches(_ path: String) -> Bool {
        let parts = path.split(separator: "/")
        guard parts.count == segments.count else { return false }
        return zip(segments, parts).allSatisfy { segment, part in
            switch segment {
            case .literal(let text): text == part
            case .parameter: true
            }
        }
    }
}
