import Testing

extension EndToEnd {
    /// Every method of the protocol, through real programs: what it grants, each refusal that Mosaic's contract documents
    /// for its endpoint, an outage, and what a caller without the right is told.
    @Suite struct Walk {
        /// All that is walked. A method of the design that is not here fails the walk.
        static let methods: [MethodWalk] = [
            PasswordWalk.all, OneTimeWalk.all, SessionWalk.all, TokenWalk.all, ResetWalk.all, UserWalk.all,
            CredentialWalk.all, PreferenceWalk.all,
        ].flatMap(\.self)

        @Test func `every method of the design is walked, once`() {
            let acting = DesignTable.main.filter { $0.effect != .local }.map(\.name)
            #expect(Self.methods.map(\.method).sorted() == acting.sorted())
        }

        @Test func `every right to a single field is shown with each method that has it`() {
            for walk in Self.methods {
                let shown = Set(([walk.granted] + walk.cases).flatMap(\.fieldRights))
                #expect(shown == Set(DesignTable.method(walk.method)?.fieldRights ?? []), "\(walk.method)")
            }
        }

        @Test func `passwords`() async throws { try await Self.walk(PasswordWalk.all) }

        @Test func `codes and links`() async throws { try await Self.walk(OneTimeWalk.all) }

        @Test func `sessions`() async throws { try await Self.walk(SessionWalk.all) }

        @Test func `tokens`() async throws { try await Self.walk(TokenWalk.all) }

        @Test func `password resets`() async throws { try await Self.walk(ResetWalk.all) }

        @Test func `users`() async throws { try await Self.walk(UserWalk.all) }

        @Test func `the passwords of users`() async throws { try await Self.walk(CredentialWalk.all) }

        @Test func `login preferences`() async throws { try await Self.walk(PreferenceWalk.all) }

        private static func walk(_ walks: [MethodWalk]) async throws {
            try await WalkStage.with(walks.map(\.method)) { stage in
                for walk in walks { await stage.walk(walk) }
                try await stage.walkAlone(walks)
                for problem in try await stage.audit() { Issue.record("\(problem)") }
            }
        }
    }
}
