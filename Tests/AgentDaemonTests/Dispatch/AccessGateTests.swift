import AgentProtocol
import Systemd
import TestSupport
import Testing

@testable import AgentDaemon

/// Calls that wait for their caller's unit, and calls that do not.
@Suite(.longTimeLimit) struct `The access gate` {
    let machine = FakeMachine()

    private static func rule(
        _ name: String,
        _ conditions: AccessRule.Condition...,
        allow: [String] = ["login"]
    ) -> AccessRule {
        AccessRule(
            name: name,
            conditions: conditions,
            clients: ["default"],
            grants: AccessGrants(allow, in: .main)
        )
    }

    private static func web() throws -> AccessRule.Condition { .unit(try UnitPattern("web.service")) }

    /// What becomes of a login by uid 1000.
    private func login(
        _ units: CallerUnits,
        _ rules: [AccessRule],
        control: CallLifecycle = CallLifecycle(),
        then body: (Caller, Result<AccessPermit?, CallFailure>) throws -> Void
    ) async throws {
        let known = try DispatcherFixture.call(Line.login(), clock: machine.clock, control: control)
        let call = try DispatcherFixture.call(
            Line.login(),
            clock: machine.clock,
            control: control,
            unit: units.source(socket: 0, caller: known.caller)
        )
        var caller = call.caller
        let gate = AccessGate(policy: AccessPolicy(rules: rules, catalogue: .main))
        let method = try #require(MethodTable.main.descriptor(named: "password.authenticate"))
        do throws(CallFailure) {
            try await gate.admit(call, by: &caller, to: method)
            let permit = try await gate.permit(
                call,
                by: &caller,
                method,
                client: nil,
                target: nil,
                furtherTargets: [],
                fieldRights: []
            )
            try? body(caller, .success(permit))
        } catch {
            try body(caller, .failure(error))
        }
    }

    @Test func `asks nobody when an earlier rule decides, or no rule with a unit would`() async throws {
        machine.fallSilent()
        defer { machine.answer() }
        let rules = [
            Self.rule("first", .uid(1_000)), Self.rule("second", try Self.web()),
            Self.rule("third", .uid(4_000), try Self.web()), Self.rule("fourth", try Self.web(), allow: ["session"]),
        ]
        try await machine.serving { units in
            var permit: AccessPermit?
            try await login(units, rules) { _, result in permit = try result.get() }
            #expect(permit?.rule == "first")
            var reason: String?
            try await login(units, Array(rules[2...])) { _, result in
                if case .failure(let failure) = result { reason = failure.reason }
            }
            #expect(reason == "no_rule_for_caller")
            #expect(machine.asked == [])
        }
    }

    @Test func `waits for the unit where a rule depends on it`() async throws {
        try await machine.serving { units in
            var name: String?
            var permit: AccessPermit?
            try await login(units, [Self.rule("web", try Self.web()), Self.rule("any", .any)]) { caller, result in
                (name, permit) = (caller.unit.name, try result.get())
            }
            #expect(permit?.rule == "web")
            #expect(name == "web.service")
            machine.change { $0.unit = .success("other.service") }
            try await login(units, [Self.rule("web", try Self.web()), Self.rule("any", .any)]) { _, result in
                permit = try result.get()
            }
            #expect(permit?.rule == "any")
            #expect(machine.asked == ["unit 77", "unit 77"])
        }
    }

    @Test func `refuses alike whom it does not know and whom it knows to be another, but records why`() async throws {
        var failures: [CallFailure] = []
        for unit in [Result.success("other.service"), .failure(ServiceManagerError.late)] {
            machine.change { $0.unit = unit }
            try await machine.serving { units in
                try await login(units, [Self.rule("web", try Self.web())]) { _, result in
                    if case .failure(let failure) = result { failures.append(failure) }
                }
            }
        }
        try #require(failures.count == 2)
        #expect(failures.map(\.kind) == [.forbidden, .forbidden])
        #expect(failures[0].message == failures[1].message)
        #expect(failures.map(\.reason) == ["no_rule_for_caller", "caller_unit_unknown.time_out"])
    }

    @Test func `lets a call go that ends while it waits`() async throws {
        machine.fallSilent()
        defer { machine.answer() }
        let control = CallLifecycle()
        control.end(.deadline)
        let machine = machine
        try await machine.serving { units in
            try await withThrowingTaskGroup(of: Void.self) { group in
                group.addTask {
                    let end = await machine.clock.nextTimerScheduled()
                    machine.clock.advance(to: end)
                }
                var kind: ErrorKind?
                try await login(units, [Self.rule("web", try Self.web())], control: control) { _, result in
                    if case .failure(let failure) = result { kind = failure.kind }
                }
                #expect(kind == CallFailure(.deadline, progress: .notBegun).kind)
                machine.answer()
                try await group.waitForAll()
            }
        }
    }

    @Test func `refuses without a way to find out`() async throws {
        let call = try DispatcherFixture.call(Line.login(), clock: machine.clock)
        var caller = call.caller
        let gate = AccessGate(policy: AccessPolicy(rules: [Self.rule("web", try Self.web())], catalogue: .main))
        let method = try #require(MethodTable.main.descriptor(named: "password.authenticate"))
        let failure = await #expect(throws: CallFailure.self) { try await gate.admit(call, by: &caller, to: method) }
        #expect(failure?.reason == "caller_unit_unknown.not_asked")
    }
}
