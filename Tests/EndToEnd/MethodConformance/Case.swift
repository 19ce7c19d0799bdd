/// One call and what it has to be answered.
struct Attempt {
    /// The parameters, without `meta`.
    let params: JSONTree
    let expected: Expected
    /// What must hold afterwards; gets the result.
    var then: ((JSONTree) async throws -> Void)?

    init(_ params: JSONTree, _ expected: Expected, then: ((JSONTree) async throws -> Void)? = nil) {
        self.params = params
        self.expected = expected
        self.then = then
    }
}

/// One case of a method: what it shows, and how the call for it is made ready.
struct Case: Sendable {
    let name: String
    /// The rights that fields of the call take beside the method's own.
    let fieldRights: [String]
    /// Makes everything ready, with users of its own, and says what to ask.
    let prepare: @Sendable (ConformanceCall) async throws -> Attempt

    init(
        _ name: String,
        takes fieldRights: [String] = [],
        prepare: @escaping @Sendable (ConformanceCall) async throws -> Attempt
    ) {
        self.name = name
        self.fieldRights = fieldRights
        self.prepare = prepare
    }
}

/// Everything that the walk shows of one method.
struct MethodCases: Sendable {
    let method: String
    /// The endpoint that its calls go to, such as `E17`.
    let endpoint: String
    /// A call that does what the method is for.
    let granted: Case
    /// Other calls that do, and each refusal.
    let cases: [Case]
    /// Whether Mosaic can refuse the agent's own client for want of a permission: a 403 without a code.
    var asksAsClient = true
    /// Whether it still works without Mosaic, from what the agent holds.
    var worksAlone = false
    /// Whether a read is tried again within the call. Only GETs are.
    var triesAgain = true
    /// For those that work alone: what they cannot answer from what they hold, if it is not the good call.
    var firstTime: JSONTree?
}
