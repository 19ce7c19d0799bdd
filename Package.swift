// swift-tools-version: 6.2
import PackageDescription

// Released programs are linked by lld: it packs the relocations of a position-independent program, which are read at each
// start, into a hundredth of their size. The libraries of C++ and GCC become parts of the program: of the thousands of
// symbols that the loader would look up at each start few are used.
let releaseLinking: [LinkerSetting] = [
    .unsafeFlags(
        [
            "-use-ld=lld", "-Xlinker", "-O2", "-Xlinker", "-z", "-Xlinker", "pack-relative-relocs",
            "-L\(Context.packageDirectory)/packaging/link", "-Xclang-linker", "-static-libgcc",
        ],
        .when(platforms: [.linux], configuration: .release)
    )
]

let package = Package(
    name: "mosaicd",
    platforms: [.macOS(.v15)],
    products: [
        .executable(name: "mosaicd", targets: ["mosaicd"]),
        .executable(name: "mosaicctl", targets: ["mosaicctl"]),
        .executable(name: "mosaic-sandbox", targets: ["mosaic-sandbox"]),
        // With the modules whose types its API uses.
        .library(name: "AgentClient", targets: ["AgentClient", "AgentProtocol", "Secrets", "StrictJSON"]),
    ],
    dependencies: [
        .package(url: "https://github.com/apple/swift-nio", from: "2.101.2"),
        .package(url: "https://github.com/apple/swift-nio-ssl", from: "2.37.6"),
        .package(url: "https://github.com/apple/swift-log", from: "1.16.2"),
        .package(url: "https://github.com/apple/swift-crypto", from: "4.5.2"),
        .package(url: "https://github.com/apple/swift-certificates", from: "1.21.1"),
        .package(url: "https://github.com/apple/swift-asn1", from: "1.7.4"),
        .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
        .package(url: "https://github.com/swift-server/async-http-client", from: "1.37.0", traits: []),
        .package(url: "https://github.com/apple/swift-http-types", from: "1.8.0"),
        .package(url: "https://github.com/swift-server/swift-service-lifecycle", from: "2.13.0"),
        .package(url: "https://github.com/hummingbird-project/hummingbird", from: "2.28.1", traits: []),
        .package(url: "https://github.com/vapor/jwt-kit", from: "5.7.1"),
        .package(url: "https://github.com/groue/GRDB.swift", from: "7.10.0"),
    ],
    targets: [
        .systemLibrary(
            name: "CSystemd",
            pkgConfig: "libsystemd",
            providers: [.apt(["libsystemd-dev"])]
        ),
        .target(name: "CLinux"),
        .target(name: "Linux", dependencies: ["CLinux"]),
        .target(
            name: "CommandLineSupport",
            dependencies: ["Linux", .product(name: "ArgumentParser", package: "swift-argument-parser")]
        ),
        .target(name: "Secrets"),
        .target(name: "StrictJSON", dependencies: ["Secrets"]),
        .target(name: "Concurrency", dependencies: [.product(name: "NIOCore", package: "swift-nio")]),
        .target(
            name: "Systemd",
            dependencies: ["CSystemd", "Linux", "Secrets", .product(name: "Logging", package: "swift-log")]
        ),
        .target(name: "ConfigurationFiles", dependencies: ["Linux", "Systemd"]),
        .target(name: "AgentProtocol", dependencies: ["Secrets", "StrictJSON"]),
        .target(
            name: "MosaicAPI",
            dependencies: [
                "Concurrency", "Secrets", "StrictJSON",
                .product(name: "AsyncHTTPClient", package: "async-http-client"),
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOPosix", package: "swift-nio"),
                .product(name: "NIOTLS", package: "swift-nio"),
                .product(name: "NIOHTTP1", package: "swift-nio"),
                .product(name: "NIOSSL", package: "swift-nio-ssl"),
                .product(name: "Logging", package: "swift-log"),
                .product(name: "Crypto", package: "swift-crypto"),
                .product(name: "CryptoExtras", package: "swift-crypto"),
                .product(name: "X509", package: "swift-certificates"),
                .product(name: "SwiftASN1", package: "swift-asn1"),
            ]
        ),
        .target(
            name: "AgentDaemon",
            dependencies: [
                "AgentProtocol", "Concurrency", "ConfigurationFiles", "Linux", "MosaicAPI", "Secrets", "StrictJSON",
                "Systemd",
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOPosix", package: "swift-nio"),
                .product(name: "Logging", package: "swift-log"),
                .product(name: "Crypto", package: "swift-crypto"),
                .product(name: "ServiceLifecycle", package: "swift-service-lifecycle"),
                .product(name: "UnixSignals", package: "swift-service-lifecycle"),
            ]
        ),
        .target(
            name: "AgentClient",
            dependencies: [
                "AgentProtocol", "Linux", "StrictJSON",
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOPosix", package: "swift-nio"),
            ]
        ),
        .target(
            name: "MosaicSandbox",
            dependencies: [
                .product(name: "Hummingbird", package: "hummingbird"),
                .product(name: "HummingbirdCore", package: "hummingbird"),
                .product(name: "HummingbirdTLS", package: "hummingbird"),
                .product(name: "HTTPTypes", package: "swift-http-types"),
                .product(name: "AsyncHTTPClient", package: "async-http-client"),
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOPosix", package: "swift-nio"),
                .product(name: "NIOHTTP1", package: "swift-nio"),
                .product(name: "GRDB", package: "GRDB.swift"),
                .product(name: "JWTKit", package: "jwt-kit"),
                .product(name: "Crypto", package: "swift-crypto"),
                .product(name: "CryptoExtras", package: "swift-crypto"),
                .product(name: "X509", package: "swift-certificates"),
                .product(name: "SwiftASN1", package: "swift-asn1"),
                .product(name: "NIOSSL", package: "swift-nio-ssl"),
                .product(name: "Logging", package: "swift-log"),
                .product(name: "ServiceLifecycle", package: "swift-service-lifecycle"),
                .product(name: "UnixSignals", package: "swift-service-lifecycle"),
            ]
        ),
        .executableTarget(
            name: "mosaicd",
            dependencies: [
                "AgentDaemon", "AgentProtocol", "CommandLineSupport", "Linux",
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
            ],
            linkerSettings: releaseLinking
        ),
        .executableTarget(
            name: "mosaicctl",
            dependencies: [
                "AgentClient", "AgentProtocol", "CommandLineSupport", "ConfigurationFiles", "Linux", "Secrets",
                "StrictJSON", "Systemd",
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
                .product(name: "UnixSignals", package: "swift-service-lifecycle"),
            ],
            linkerSettings: releaseLinking
        ),
        .executableTarget(
            name: "mosaic-sandbox",
            dependencies: [
                "CommandLineSupport", "Linux", "MosaicSandbox",
                .product(name: "Logging", package: "swift-log"),
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
            ],
            linkerSettings: releaseLinking
        ),

        .target(
            name: "TestSupport",
            dependencies: [
                "MosaicAPI", "StrictJSON", "Systemd",
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOPosix", package: "swift-nio"),
                .product(name: "Crypto", package: "swift-crypto"),
                .product(name: "CryptoExtras", package: "swift-crypto"),
                .product(name: "X509", package: "swift-certificates"),
                .product(name: "SwiftASN1", package: "swift-asn1"),
            ],
            path: "Tests/TestSupport"
        ),
        .testTarget(name: "LinuxTests", dependencies: ["Linux", "TestSupport"]),
        .testTarget(name: "SecretsTests", dependencies: ["Secrets"]),
        .testTarget(name: "ConcurrencyTests", dependencies: ["Concurrency", "TestSupport"]),
        .testTarget(name: "StrictJSONTests", dependencies: ["Secrets", "StrictJSON", "TestSupport"]),
        .testTarget(
            name: "SystemdTests",
            dependencies: [
                "Secrets", "Systemd", "TestSupport",
                .product(name: "Logging", package: "swift-log"),
                .product(name: "InMemoryLogging", package: "swift-log"),
            ]
        ),
        .testTarget(
            name: "AgentProtocolTests",
            dependencies: ["AgentProtocol", "Secrets", "StrictJSON", "TestSupport"]
        ),
        .testTarget(
            name: "MosaicAPITests",
            dependencies: [
                "MosaicAPI", "Secrets", "StrictJSON", "TestSupport",
                .product(name: "JWTKit", package: "jwt-kit"),
                .product(name: "Logging", package: "swift-log"),
                .product(name: "InMemoryLogging", package: "swift-log"),
                .product(name: "NIOSSL", package: "swift-nio-ssl"),
                .product(name: "Crypto", package: "swift-crypto"),
                .product(name: "CryptoExtras", package: "swift-crypto"),
                .product(name: "X509", package: "swift-certificates"),
                .product(name: "SwiftASN1", package: "swift-asn1"),
            ]
        ),
        .testTarget(
            name: "AgentDaemonTests",
            dependencies: [
                "AgentDaemon", "AgentProtocol", "ConfigurationFiles", "Linux", "MosaicAPI", "Secrets", "StrictJSON",
                "Systemd", "TestSupport",
                .product(name: "Crypto", package: "swift-crypto"),
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOEmbedded", package: "swift-nio"),
                .product(name: "NIOPosix", package: "swift-nio"),
                .product(name: "InMemoryLogging", package: "swift-log"),
                .product(name: "UnixSignals", package: "swift-service-lifecycle"),
            ]
        ),
        .testTarget(
            name: "AgentClientTests",
            dependencies: ["AgentClient", "AgentProtocol", "Secrets", "StrictJSON", "TestSupport"]
        ),
        .testTarget(
            name: "MosaicctlTests",
            dependencies: [
                "AgentProtocol", "CommandLineSupport", "Linux", "mosaicctl", "Secrets", "StrictJSON", "Systemd",
                "TestSupport",
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
            ]
        ),
        .testTarget(
            name: "MosaicSandboxTests",
            dependencies: [
                "MosaicSandbox", "TestSupport",
                .product(name: "HummingbirdTesting", package: "hummingbird"),
                .product(name: "Hummingbird", package: "hummingbird"),
                .product(name: "HTTPTypes", package: "swift-http-types"),
                .product(name: "AsyncHTTPClient", package: "async-http-client"),
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOPosix", package: "swift-nio"),
                .product(name: "NIOEmbedded", package: "swift-nio"),
                .product(name: "NIOSSL", package: "swift-nio-ssl"),
                .product(name: "ServiceLifecycle", package: "swift-service-lifecycle"),
                .product(name: "JWTKit", package: "jwt-kit"),
                .product(name: "Crypto", package: "swift-crypto"),
                .product(name: "CryptoExtras", package: "swift-crypto"),
                .product(name: "X509", package: "swift-certificates"),
                .product(name: "SwiftASN1", package: "swift-asn1"),
                .product(name: "GRDB", package: "GRDB.swift"),
                .product(name: "Logging", package: "swift-log"),
                .product(name: "InMemoryLogging", package: "swift-log"),
            ]
        ),
        .testTarget(
            name: "EndToEnd",
            // The programs are listed so that they are built before the tests that run them; the sandbox's library for
            // its client of the control routes.
            dependencies: [
                "mosaicd", "mosaicctl", "mosaic-sandbox", "MosaicSandbox", "StrictJSON", "TestSupport",
            ]
        ),
    ]
)

for target in package.targets where target.type != .system {
    target.swiftSettings = [
        .swiftLanguageMode(.v6),
        .strictMemorySafety(),
        .enableUpcomingFeature("ExistentialAny"),
        .enableUpcomingFeature("MemberImportVisibility"),
        .enableUpcomingFeature("InternalImportsByDefault"),
        .enableUpcomingFeature("NonisolatedNonsendingByDefault"),
        .treatAllWarnings(as: .error),
    ]
}

// Measures the pieces of a login by themselves (`make micro`). Nothing else needs its package.
if Context.environment["MOSAICD_MICRO_BENCHMARKS"] != nil {
    package.dependencies.append(.package(url: "https://github.com/ordo-one/benchmark", from: "1.38.1", traits: []))
    package.targets.append(
        .executableTarget(
            name: "Micro",
            dependencies: [
                "AgentDaemon", "AgentProtocol", "MosaicAPI", "Secrets", "StrictJSON",
                .product(name: "Benchmark", package: "benchmark"),
            ],
            path: "Benchmarks/Micro",
            // Its plugin adds a file of its own, which has other settings.
            swiftSettings: [.swiftLanguageMode(.v6)],
            plugins: [.plugin(name: "BenchmarkPlugin", package: "benchmark")]
        )
    )
}
