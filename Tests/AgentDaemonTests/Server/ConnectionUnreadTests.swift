import AgentProtocol
import TestSupport
import Testing

@testable import AgentDaemon

/// The rules of one connection over a real Unix socket: peers that do not read their answers.
@Suite(.longTimeLimit) struct ConnectionUnreadTests {
    typealias Reply = SocketClient.Reply

    @Test func `a peer that leaves more than the limit unread is cut off, and no lost answer is kept quiet`()
        async throws
    {
        try await SocketFixture.serving { fixture in
            try await fixture.connected { client in
                try await client.send((1...8).map { SocketClient.line("\($0)", "big") }.joined())
                // Those that were queued are told as lost afterwards, those that came later as not delivered.
                try await fixture.dispatcher.wait { $0.count { $0.isLost || $0.isUndelivered } >= 5 }
            }
            #expect(fixture.server.statistics.connectionsBroken == 1)
        }
    }

    @Test func `a peer that leaves an answer unread for 30 seconds is cut off`() async throws {
        try await SocketFixture.serving { fixture in
            try await fixture.connected { client in
                try await client.call("a", "big")
                try await fixture.dispatcher.wait(for: .ended(#""a""#, nil))
                try await fixture.barrier()
                fixture.advance(by: .seconds(29))
                try await fixture.barrier()
                #expect(fixture.server.statistics.connectionsBroken == 0)
                fixture.advance(by: .seconds(1))
                try await fixture.dispatcher.wait(for: .lost(#""a""#))
            }
        }
    }

    @Test func `a call is audited when its answer is ready, read or not`() async throws {
        try await SocketFixture.serving { fixture in
            try await fixture.connected { client in
                try await client.call("a", "big")
                try await fixture.dispatcher.wait(for: .audited(#""a""#, delivered: true))
            }
        }
    }

    @Test func `a slow reader gets everything in the end`() async throws {
        try await SocketFixture.serving { fixture in
            try await fixture.connected { client in
                try await client.send((1...3).map { SocketClient.line("\($0)", "big") }.joined())
                try await fixture.dispatcher.wait { $0.count { $0.isEnded } == 3 }
                let answers = try await client.answers(3)
                #expect(Set(answers.map(\.id)) == ["1", "2", "3"])
            }
            try await fixture.dispatcher.wait { $0.count { $0.isAudited } == 3 }
            #expect(!fixture.dispatcher.events.contains { $0.isLost })
        }
    }

    @Test func `unread answers of all connections of one uid together have a limit`() async throws {
        try await SocketFixture.serving(.setting(\.unreadBytesPerUser, to: 1_500_000)) { fixture in
            try await fixture.connected { first in
                try await first.call("a", "big")
                try await fixture.dispatcher.wait(for: .ended(#""a""#, nil))
                try await fixture.barrier()
                try await fixture.connected { second in
                    try await second.call("b", "big")
                    try await fixture.dispatcher.wait(for: .lost(#""b""#))
                }
                #expect(try await first.answer() == Reply("a"))
                #expect(fixture.server.shared.unreadBudget.holders == 0)
            }
        }
    }

    @Test func `a peer that goes with answers unread gives their place back`() async throws {
        try await SocketFixture.serving { fixture in
            try await fixture.connected { client in
                try await client.call("a", "big")
                try await fixture.dispatcher.wait(for: .ended(#""a""#, nil))
                try await fixture.barrier()
                #expect(fixture.server.shared.unreadBudget.holders == 1)
            }
            try await fixture.dispatcher.wait(for: .lost(#""a""#))
            try await fixture.barrier()
            #expect(fixture.server.shared.unreadBudget.holders == 0)
        }
    }
}

extension ScriptedDispatcher.Event {
    var isEnded: Bool { if case .ended = self { true } else { false } }
    var isAudited: Bool { if case .audited = self { true } else { false } }
    var isUndelivered: Bool { if case .audited(_, delivered: false) = self { true } else { false } }
    var isLost: Bool { if case .lost = self { true } else { false } }
}
