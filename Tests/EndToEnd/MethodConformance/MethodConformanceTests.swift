import Testing

extension EndToEnd {
    /// Every method of the protocol, through real programs: what it grants, each refusal that Mosaic's contract documents
    /// for its endpoint, an outage, and what a caller without the right is told.
    @Suite struct MethodConformance {
        /// All that is walked. A method of the design that is not here fails the walk.
        static let methods: [MethodCases] = [
            PasswordConformance.all, OneTimeConformance.all, SessionConformance.all, TokenConformance.all,
            ResetConformance.all, UserConformance.all,
            CredentialConformance.all, PreferenceConformance.all,
        ].flatMap(\.self)

        @Test func `every method of the design is walked, once`() {
            let acting = MethodSpec.main.filter { $0.effect != .local }.map(\.name)
            #expect(Self.methods.map(\.method).sorted() == acting.sorted())
        }

        @Test func `every right to a single field is shown with each method that has it`() {
            for walk in Self.methods {
                let shown = Set(([walk.granted] + walk.cases).flatMap(\.fieldRights))
                #expect(shown == Set(MethodSpec.method(walk.method)?.fieldRights ?? []), "\(walk.method)")
            }
        }

        @Test func `passwords`() async throws { try await Self.walk(PasswordConformance.all) }

        @Test func `codes and links`() async throws { try await Self.walk(OneTimeConformance.all) }

        @Test func `sessions`() async throws { try await Self.walk(SessionConformance.all) }

        @Test func `tokens`() async throws { try await Self.walk(TokenConformance.all) }

        @Test func `password resets`() async throws { try await Self.walk(ResetConformance.all) }

        @Test func `users`() async throws { try await Self.walk(UserConformance.all) }

        @Test func `the passwords of users`() async throws { try await Self.walk(CredentialConformance.all) }

        @Test func `login preferences`() async throws { try await Self.walk(PreferenceConformance.all) }

        private static func walk(_ walks: [MethodCases]) async throws {
            try await ConformanceBed.with(walks.map(\.method)) { stage in
                for walk in walks { await stage.walk(walk) }
                try await stage.walkAlone(walks)
                for problem in try await stage.audit() { Issue.record("\(problem)") }
            }
        }
    }
}
