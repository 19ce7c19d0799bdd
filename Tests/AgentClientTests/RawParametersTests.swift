import AgentProtocol
import StrictJSON
import Testing

@testable import AgentClient

@Suite struct RawParametersTests {
    private func json(_ text: String) throws -> JSONText { try JSONText(parsing: Array(text.utf8), maximumDepth: 8) }

    @Test(arguments: [
        (nil, CallMetadata(), nil, 10_000),
        (#"{ "a" : 1 }"#, CallMetadata(), #"{ "a" : 1 }"#, 10_000),
        (nil, CallMetadata(client: "shop"), #"{"meta":{"client":"shop"}}"#, 10_000),
        (
            #"{"a\u0062":[1, 2],"c":{"d":null}}"#, CallMetadata(deadlineMilliseconds: 5),
            #"{"ab":[1, 2],"c":{"d":null},"meta":{"deadline_ms":5}}"#, 5
        ),
        (#"{"meta":{"deadline_ms":7}}"#, CallMetadata(), #"{"meta":{"deadline_ms":7}}"#, 7),
        (#"{"meta":{"deadline_ms":-7}}"#, CallMetadata(), #"{"meta":{"deadline_ms":-7}}"#, 1),
        (#"{"meta":{"deadline_ms":9e9}}"#, CallMetadata(), #"{"meta":{"deadline_ms":9e9}}"#, 10_000),
    ])
    func `parameters and metadata become one object`(
        params: String?,
        metadata: CallMetadata,
        expected: String?,
        milliseconds: Int
    ) throws {
        let raw = try RawParameters(params.map { try json($0) }, metadata)
        #expect(raw.json?.description == expected)
        #expect(raw.deadline == .milliseconds(milliseconds))
    }

    @Test(arguments: [
        (nil, CallMetadata(), nil), (#"{"events":["token_fetched"]}"#, CallMetadata(traceID: "t"), nil),
        (#"{"meta":{"trace_id":"t"}}"#, CallMetadata(), nil), (nil, CallMetadata(deadlineMilliseconds: 5), 5),
        (#"{"meta":{"deadline_ms":7}}"#, CallMetadata(), 7),
    ])
    func `a method that goes on until it is cancelled has only the deadline that it is given`(
        params: String?,
        metadata: CallMetadata,
        milliseconds: Int?
    ) throws {
        let raw = try RawParameters(params.map { try json($0) }, metadata, isOpenEnded: true)
        #expect(raw.deadline == milliseconds.map { .milliseconds($0) })
    }

    @Test(arguments: ["[]", "1", #""text""#, "null", #"{"meta":{}}"#])
    func `parameters that are no object, or bring their own metadata, are refused before anything is sent`(
        params: String
    ) throws {
        let error = #expect(throws: AgentError.self) { try RawParameters(json(params), CallMetadata(client: "shop")) }
        #expect(error?.code == .invalidRequest && error?.outcome == .notSent)
    }
}
