import AgentProtocol
import StrictJSON
import Testing

@testable import AgentClient

/// Transcripts of the client's state machine: event, expected action.
@Suite struct CallTableTests {
    private typealias Table = CallTable<String>

    /// A table with calls in flight, named `a`, `b`, … with the ids 1, 2, …; those in `local` do not act upstream.
    private func table(_ names: String..., local: Set<String> = []) throws -> Table {
        var table = Table()
        for name in names {
            let action = table.begin(table.reserveID(), name, actsUpstream: !local.contains(name))
            guard case .send = action else {
                Issue.record("\(name) should be sent")
                continue
            }
        }
        return table
    }

    private func line(_ text: String) throws -> AnswerLine { try AnswerLine(parsing: Array(text.utf8)) }

    private func result(_ id: Int) throws -> AnswerLine {
        try line(#"{"jsonrpc":"2.0","id":\#(id),"result":{"of":\#(id)}}"#)
    }

    private func errorWithoutID(_ kind: String) throws -> AnswerLine {
        try line(#"{"jsonrpc":"2.0","id":null,"error":{"code":1003,"message":"no","data":{"kind":"\#(kind)"}}}"#)
    }

    /// `waiter:code:outcome` per ending, sorted.
    private func summary(_ actions: Table.Actions) -> [String] {
        actions.endings.map { _, waiter, ending in
            switch ending {
            case .success(let value): "\(waiter):\(value.rawText)"
            case .failure(let error): "\(waiter):\(error.code):\(error.outcome?.rawValue ?? "nil")"
            }
        }.sorted()
    }

    @Test func `answers reach their own calls in any order`() throws {
        var table = try table("a", "b", "c")
        #expect(summary(table.received(try result(3))) == [#"c:{"of":3}"#])
        #expect(summary(table.received(try result(1))) == [#"a:{"of":1}"#])
        #expect(summary(table.received(try result(2))) == [#"b:{"of":2}"#])
        #expect(summary(table.disconnected()) == [])
    }

    @Test func `an error of a call ends that call only`() throws {
        var table = try table("a", "b")
        let error = try line(
            #"{"jsonrpc":"2.0","id":1,"error":{"code":1001,"message":"no","data":{"kind":"forbidden"}}}"#
        )
        #expect(summary(table.received(error)) == ["a:refused:nil"])
        #expect(summary(table.received(try result(2))) == [#"b:{"of":2}"#])
    }

    @Test func `an answer to a call that was not made closes the connection and ends every call`() throws {
        var table = try table("a", "b", local: ["b"])
        let actions = table.received(try result(7))
        #expect(summary(actions) == ["a:protocolViolation:unknown", "b:protocolViolation:not_sent"])
        #expect(actions.closes)
        // Nothing that comes later is taken.
        #expect(summary(table.received(try result(1))) == [])
        #expect(summary(table.disconnected()) == [])
    }

    @Test func `a second answer to a call closes the connection`() throws {
        var table = try table("a", "b")
        let actions5 = table.received(try result(1))
        #expect(!actions5.closes)
        let actions6 = table.received(try result(1))
        #expect(actions6.closes)
    }

    @Test func `the end of the connection leaves the effect of sent calls unknown`() throws {
        var table = try table("a", "b", local: ["b"])
        #expect(summary(table.disconnected()) == ["a:closed:unknown", "b:closed:not_sent"])
        #expect(summary(table.disconnected()) == [])
        guard case .end("c", .failure(let error)) = table.begin(table.reserveID(), "c", actsUpstream: true) else {
            Issue.record("a call behind the end must not be sent")
            return
        }
        #expect(error.code == .closed && error.outcome == .notSent)
    }

    @Test func `an error without id belongs to the only call in flight`() throws {
        var table = try table("a")
        let actions = table.received(try errorWithoutID("invalid_request"))
        #expect(summary(actions) == ["a:refused:nil"])
        #expect(!actions.closes)
    }

    @Test func `among several calls an error without id is the reason once the agent closes`() throws {
        var table = try table("a", "b")
        #expect(summary(table.received(try errorWithoutID("invalid_request"))) == [])
        #expect(summary(table.received(try result(1))) == [#"a:{"of":1}"#])
        let actions = table.disconnected()
        #expect(summary(actions) == ["b:closed:unknown"])
        guard case .failure(let error)? = actions.endings.first?.ending else {
            Issue.record("b must fail")
            return
        }
        #expect(error.refusal?.kind == .invalidRequest)
    }

    @Test func `a connection that was one too many has had no effect`() throws {
        var table = try table("a", "b")
        #expect(summary(table.received(try errorWithoutID("overloaded"))) == [])
        #expect(summary(table.disconnected()) == ["a:closed:not_sent", "b:closed:not_sent"])
    }

    @Test func `a call that is cancelled before it began is not sent`() throws {
        var table = Table()
        let id = table.reserveID()
        let sendsCancel1 = table.cancel(id)
        #expect(!sendsCancel1)
        guard case .end("a", .failure(let error)) = table.begin(id, "a", actsUpstream: true) else {
            Issue.record("a cancelled call must not be sent")
            return
        }
        #expect(error.code == .cancelled && error.outcome == .notSent)
        #expect(!table.isInFlight(id))
    }

    @Test func `a cancelled call still ends by its answer`() throws {
        var table = try table("a")
        let id = try #require(RequestID(1))
        let sendsCancel2 = table.cancel(id)
        #expect(sendsCancel2)
        #expect(summary(table.received(try result(1))) == [#"a:{"of":1}"#])
        let sendsCancel3 = table.cancel(id)
        #expect(!sendsCancel3, "there is nothing left to cancel")
    }

    @Test func `time that runs out ends a call, and its late answer does no harm`() throws {
        var table = try table("a", "b", local: ["b"])
        let (first, second) = (try #require(RequestID(1)), try #require(RequestID(2)))
        #expect(summary(table.expired(first)) == ["a:noAnswer:unknown"])
        let sendsCancel4 = table.cancel(second)
        #expect(sendsCancel4)
        #expect(summary(table.expired(second)) == ["b:cancelled:not_sent"])
        #expect(summary(table.expired(first)) == [])
        let late = table.received(try result(1))
        #expect(summary(late) == [] && !late.closes)
        let actions7 = table.received(try result(1))
        #expect(actions7.closes, "but only one answer may be late")
    }

    @Test func `an event goes to the call it names, and to nobody if that is over`() throws {
        var table = try table("a", "b", local: ["a", "b"])
        let event = try line(
            #"{"jsonrpc":"2.0","method":"daemon.event","params":{"watch":2,"time":"t","kind":"token_failed"}}"#
        )
        let first = table.received(event)
        #expect(first.event?.waiter == "b" && first.event?.event.kind == .tokenFailed)
        #expect(summary(first) == [] && !first.closes)
        #expect(summary(table.received(try result(2))) == [#"b:{"of":2}"#])
        let late = table.received(event)
        #expect(late.event == nil && !late.closes)
    }

    @Test func `an event that is none is a violation`() {
        #expect(throws: AgentError.self) {
            try line(#"{"jsonrpc":"2.0","method":"daemon.event","params":{"time":"t","kind":"token_failed"}}"#)
        }
    }

    @Test func `a notification changes nothing`() throws {
        var table = try table("a")
        let actions = table.received(try line(#"{"jsonrpc":"2.0","method":"daemon.other","params":{}}"#))
        #expect(summary(actions) == [] && !actions.closes)
    }
}
