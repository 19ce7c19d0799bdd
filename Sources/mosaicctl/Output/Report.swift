import StrictJSON

/// What a command has found out, in both forms; which one is shown depends on `--json`.
struct Report {
    /// How the command ends.
    var status = ExitStatus.done
    /// For people; complete lines, safe to show.
    var text: String
    /// For programs: the value of the member `result`.
    var result: JSONText
    /// Names of secrets that were left out of both.
    var withheld: [String] = []
    /// What a person must know beside the text.
    var remark: String?

    /// The remark about parts of Mosaic's answer that the agent left out; nil when there are none.
    static func remark(omitted: [String]) -> String? {
        omitted.isEmpty
            ? nil : "the agent left out what it cannot pass on of Mosaic's answer: \(omitted.joined(separator: ", "))"
    }

    /// The remark, or the sentence about what was left out.
    var note: String? {
        guard !withheld.isEmpty else { return remark }
        return "not shown: \(withheld.joined(separator: ", ")); --show-tokens shows them"
    }
}
