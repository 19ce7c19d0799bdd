// Programs that are linked statically are built without the module of tests, and this target with them.
#if canImport(Testing)
package import Testing

extension Trait where Self == TimeLimitTrait {
    /// For everything that waits for something: long enough for a machine with far too much to do, so that whoever meets
    /// it hangs.
    package static var longTimeLimit: Self { .timeLimit(.minutes(5)) }
}
#endif
