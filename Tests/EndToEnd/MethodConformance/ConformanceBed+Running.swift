import Foundation
import TestSupport
import Testing

extension ConformanceBed {
    /// Carries out one case, and undoes what it has changed for all.
    func carryOut(_ single: ConformanceCase) async throws {
        current = single.testDescription
        do {
            try await show(single)
        } catch {
            try? await restore()
            throw error
        }
        try await restore()
    }

    private func show(_ single: ConformanceCase) async throws {
        let walk = single.cases
        let method = try #require(MethodSpec.method(walk.method), "\(walk.method) is not in the design's table")
        guard single.kind != .own else { return try await show(single.own, of: walk) }
        if single.kind == .gone { return try await showGone(walk) }
        let attempt = try await walk.granted.prepare(ConformanceCall(self, "default"))
        switch single.kind {
        case .granted, .own, .gone: break
        case .withoutRights:
            return try await refuseUnpermitted(attempt, walk, method.rights + walk.granted.fieldRights)
        case .unknownParameter: return try await refuseUnknownParameter(attempt, walk)
        case .outage:
            if method.effect == .read {
                try await failAfterRepeating(attempt, walk)
            } else {
                try await failWithoutRepeating(attempt, walk)
            }
        case .rateLimit: try await slowDown(attempt, walk)
        case .permission: try await lackPermission(attempt, walk)
        }
        // After trouble, the very same call is granted.
        try await show(attempt, walk.method, walk.granted.name, as: "default")
    }

    /// Prepares the good call of each method, and takes Mosaic away.
    func takeMosaicAway(_ walks: [MethodCases]) async throws {
        for walk in walks {
            good[walk.method] = try await walk.granted.prepare(ConformanceCall(self, "default")).params
            // What is answered from keys or tokens that the agent holds has to be fetched once.
            if walk.worksAlone { _ = try ask(walk.method, good[walk.method] ?? .null, as: "default") }
            try await restore()
        }
        world.sandbox.process.killNow()
        _ = try await world.sandbox.process.outcome()
        // Until the agent has noticed, a request could still go into a connection that is dying.
        _ = try world.agent.askControl("daemon.refresh_token", #"{"client":"default"}"#)
    }

    /// Provably nothing is sent, so all may be tried again.
    private func showGone(_ walk: MethodCases) async throws {
        let params = try #require(good[walk.method])
        guard !walk.worksAlone else {
            let answer = try ask(walk.method, params, as: "default").answer
            #expect(answer["error"] == nil, "\(walk.method) needs Mosaic")
            return
        }
        var error = ExpectedError("upstream_unavailable", outcome: "not_sent")
        error.isRetryable = true
        error.wait = .optional(.count)
        try refuse(params, walk, error, as: "default", "Mosaic is gone")
    }

    /// A refusal is shown twice: to a caller who may not know why, and to one who may.
    private func show(_ single: Case, of walk: MethodCases) async throws {
        for client in ["default", "details"] {
            let attempt = try await single.prepare(ConformanceCall(self, client))
            if client == "default" { try await refuseUnpermitted(attempt, walk, single.fieldRights) }
            try await show(attempt, walk.method, single.name, as: client)
            if attempt.expected.isSuccess { break }
            try await restore()
        }
    }

    /// Makes a call and compares its answer.
    private func show(_ attempt: Attempt, _ method: String, _ name: String, as client: String) async throws {
        let (answer, problems) = try ask(method, attempt.params, as: client, expecting: attempt.expected)
        let all = problems + attempt.expected.problems(answer, details: client == "details")
        if !all.isEmpty { Issue.record("\(method): \(name), as \(client): \(all.joined(separator: "; "))\n\(answer)") }
        try await attempt.then?(answer["result"] ?? .null)
    }

    /// Makes a call that must end in this error.
    private func refuse(
        _ params: JSONTree,
        _ walk: MethodCases,
        _ error: ExpectedError,
        as client: String,
        _ what: String
    ) throws {
        let expected = Expected.error(error)
        let (answer, problems) = try ask(walk.method, params, as: client, expecting: expected)
        let all = problems + expected.problems(answer, details: client == "details")
        if !all.isEmpty {
            Issue.record("\(walk.method): \(what), as \(client): \(all.joined(separator: "; "))\n\(answer)")
        }
    }

    private func refuseUnpermitted(_ attempt: Attempt, _ walk: MethodCases, _ rights: [String]) async throws {
        guard !rights.isEmpty else { return }
        let before = try await sandbox.count(walk.endpoint)
        for right in rights {
            try refuse(
                attempt.params,
                walk,
                ExpectedError("forbidden", outcome: "not_sent"),
                as: "without-\(right)",
                "without the right \(right)"
            )
        }
        #expect(try await sandbox.count(walk.endpoint) == before, "\(walk.method): a forbidden call was sent")
    }

    private func refuseUnknownParameter(_ attempt: Attempt, _ walk: MethodCases) async throws {
        var error = ExpectedError("invalid_params", outcome: "not_sent")
        error.parameter = "nonsense"
        try refuse(attempt.params.with(["nonsense": true]), walk, error, as: "default", "an unknown parameter")
    }

    /// What changes something is sent once, and nobody knows what came of it.
    private func failWithoutRepeating(_ attempt: Attempt, _ walk: MethodCases) async throws {
        let before = try await sandbox.count(walk.endpoint)
        alter()
        try await sandbox.fail(walk.endpoint, ["action": "status", "status": 503])
        let refused = ExpectedError("upstream_unavailable", outcome: "unknown", status: 503)
        try refuse(attempt.params, walk, refused, as: "details", "Mosaic answers 503")
        try await sandbox.clearFaults()
        try await sandbox.fail(walk.endpoint, ["action": "reset"])
        try refuse(
            attempt.params,
            walk,
            ExpectedError("upstream_unavailable", outcome: "unknown"),
            as: "default",
            "Mosaic cuts the connection"
        )
        try await restore()
        #expect(try await sandbox.count(walk.endpoint) == before + 2, "\(walk.method): a call was repeated")
    }

    /// What only reads is repeated a few times, and may be asked again. What is answered from keys or tokens that the agent
    /// fetches for all goes out in nobody's name: then nothing of the call was sent.
    private func failAfterRepeating(_ attempt: Attempt, _ walk: MethodCases) async throws {
        let before = try await sandbox.count(walk.endpoint)
        alter()
        try await sandbox.fail(walk.endpoint, ["action": "status", "status": 503])
        var error = ExpectedError(
            "upstream_unavailable",
            outcome: walk.worksAlone ? "not_sent" : "unknown",
            status: 503
        )
        error.isRetryable = true
        error.wait = walk.worksAlone ? .optional(.count) : nil
        try refuse(walk.firstTime ?? attempt.params, walk, error, as: "details", "Mosaic answers 503")
        guard !walk.worksAlone else { return try await restore() }
        try await sandbox.clearFaults()
        let tries = walk.triesAgain ? 3 : 1
        #expect(try await sandbox.count(walk.endpoint) == before + tries, "\(walk.method): 503 is tried \(tries) times")
        guard walk.triesAgain else { return try await restore() }
        try await sandbox.fail(walk.endpoint, ["action": "reset", "count": 1])
        try await show(attempt, walk.method, "one cut connection", as: "default")
        #expect(try await sandbox.count(walk.endpoint) == before + 5, "\(walk.method): a cut read is not repeated once")
        try await restore()
    }

    private func slowDown(_ attempt: Attempt, _ walk: MethodCases) async throws {
        let before = try await sandbox.count(walk.endpoint)
        alter()
        try await sandbox.fail(walk.endpoint, ["action": "status", "status": 429, "retry_after": 60])
        var error = ExpectedError("upstream_rate_limited", outcome: "refused", status: 429)
        error.isRetryable = true
        error.wait = .count
        try refuse(attempt.params, walk, error, as: Self.limited(walk.method), "Mosaic answers 429")
        try await restore()
        error.outcome = "not_sent"
        try refuse(attempt.params, walk, error, as: Self.limited(walk.method), "asked again too soon")
        #expect(try await sandbox.count(walk.endpoint) == before + 1, "\(walk.method): Mosaic was asked again too soon")
    }

    private func lackPermission(_ attempt: Attempt, _ walk: MethodCases) async throws {
        alter()
        try await sandbox.fail(
            walk.endpoint,
            ["action": "status", "status": 403, "message": "Forbidden: needs a permission"]
        )
        let error = ExpectedError("upstream_forbidden", outcome: "refused", status: 403)
        try refuse(attempt.params, walk, error, as: "details", "the client lacks a permission")
        try await restore()
    }
}
