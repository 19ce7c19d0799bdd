extension UserReference {
    /// Reads `identifier_type` and `identifier`, both mandatory.
    init(_ fields: inout RequestFields) {
        type = fields.string("identifier_type", required: true, nonEmpty: true) ?? ""
        value = fields.string("identifier", required: true, nonEmpty: true, allowsNUL: true) ?? ""
    }
}

extension RequestFields {
    /// A lifetime in minutes: more than nothing, at most a year.
    mutating func minutes(_ name: String) -> Double? {
        guard let minutes = number(name) else { return nil }
        guard minutes > 0, minutes <= 525_600 else {
            report("\(name) must be minutes, more than 0 and at most 525600")
            return nil
        }
        return minutes
    }
}
