import Testing

@testable import MosaicAPI

struct `The challenges of an answer` {
    struct Row: Sendable, CustomTestStringConvertible {
        let fields: [String]
        let schemes: [String]
        var isMalformed = false

        init(_ fields: String..., are schemes: [String], isMalformed: Bool = false) {
            self.fields = fields
            self.schemes = schemes
            self.isMalformed = isMalformed
        }

        var testDescription: String { "\(fields)" }
    }

    static let rows = [
        Row(are: []), Row("", are: []), Row("  ,\t, ", are: []),
        Row("Bearer", are: ["bearer"]), Row("  BEARER realm=x", are: ["bearer"]), Row("bearer  ,", are: ["bearer"]),
        Row(#"Bearer error="invalid_token", error_description="gone""#, are: ["bearer"]),
        Row(#"Bearer realm = "a" , scope= b"#, are: ["bearer"]),
        // Several fields, and several challenges in one.
        Row("Basic", "Bearer", are: ["basic", "bearer"]),
        Row(#"Basic realm="a", Bearer realm="b""#, are: ["basic", "bearer"]),
        Row(#"Basic realm="a", charset="UTF-8", Bearer"#, are: ["basic", "bearer"]),
        Row("Bearer, Basic", are: ["bearer", "basic"]), Row(", Bearer,,Basic realm=x,", are: ["bearer", "basic"]),
        Row(
            #"Newauth realm="apps", type=1, title="Login to \"apps\"", Basic realm="simple""#,
            are: ["newauth", "basic"]
        ),
        // token68, with and without padding.
        Row("Negotiate oRQwEqADCgEB==, Bearer", are: ["negotiate", "bearer"]),
        Row("Negotiate, NTLM TlRMTVNTUAAC", are: ["negotiate", "ntlm"]), Row("Basic realm=", are: ["basic"]),
        // What only looks like a challenge.
        Row(#"Basic realm="Bearer""#, are: ["basic"]), Row(#"Basic realm="x, Bearer realm=y""#, are: ["basic"]),
        Row(#"Basic realm="a\", Bearer b=\"c""#, are: ["basic"]), Row("Bearerish", are: ["bearerish"]),
        Row("Basic Bearer", are: ["basic"]), Row("Basic realm=x, Bearer=y", are: ["basic"]),
        Row("X-Bearer realm=x", are: ["x-bearer"]),
        // Broken ones: what stands before the fault counts.
        Row(#"Bearer error="unterminated"#, are: ["bearer"], isMalformed: true),
        Row(#"Bearer error="unterminated\"#, are: ["bearer"], isMalformed: true),
        Row(#"realm="x", Bearer"#, are: ["realm"], isMalformed: true), Row("=", are: [], isMalformed: true),
        Row(#""Bearer""#, are: [], isMalformed: true), Row("Basic realm=x Bearer", are: ["basic"], isMalformed: true),
        Row("Basic a b", are: ["basic"], isMalformed: true), Row("Bearer\"x\"", are: ["bearer"], isMalformed: true),
        Row("Basic realm=x y", "Bearer", are: ["basic", "bearer"], isMalformed: true),
        Row("Bärer", are: ["b"], isMalformed: true), Row("{}", are: [], isMalformed: true),
    ]

    @Test(arguments: rows)
    func `are read by the grammar of RFC 9110`(row: Row) {
        let challenges = AuthenticationChallenges(row.fields)
        #expect(challenges.schemes == row.schemes)
        #expect(challenges.isMalformed == row.isMalformed)
        #expect(challenges.namesBearer == row.schemes.contains("bearer"))
        #expect(challenges.isEmpty == (row.schemes.isEmpty && !row.isMalformed))
    }

    @Test func `are read in time in proportion to their length`() {
        let long = String(repeating: "Basic realm=\"a, b\", ", count: 5_000) + "Bearer"
        #expect(AuthenticationChallenges([long]).namesBearer)
        #expect(!AuthenticationChallenges([String(repeating: "a=,", count: 20_000)]).namesBearer)
    }
}
