// swift-tools-version: 6.3

import PackageDescription

let settings: [SwiftSetting] = [
    .swiftLanguageMode(.v6),
    .strictMemorySafety(),
    .treatAllWarnings(as: .error),
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("InternalImportsByDefault"),
    .enableUpcomingFeature("MemberImportVisibility"),
]

func library(_ name: String, _ dependencies: [Target.Dependency] = []) -> Target {
    .target(name: name, dependencies: dependencies, swiftSettings: settings)
}

func tests(_ name: String, _ dependencies: [Target.Dependency], exclude: [String] = []) -> Target {
    .testTarget(name: name, dependencies: dependencies, exclude: exclude, swiftSettings: settings)
}

/// One folder of Tests/Fuzz; `Fuzzing` is what they share.
func fuzzer(_ name: String, _ dependencies: [Target.Dependency]) -> Target {
    .executableTarget(
        name: "Fuzz\(name)",
        dependencies: dependencies + ["Fuzzing"],
        path: "Tests/Fuzz/\(name)",
        swiftSettings: settings
    )
}

let package = Package(
    name: "vip-switch",
    products: [.executable(name: "vip-switch", targets: ["vip-switch"])],
    targets: [
        // C at the edge.
        .target(name: "CLinux"),
        .systemLibrary(name: "CMnl", pkgConfig: "libmnl", providers: [.apt(["libmnl-dev"])]),
        .systemLibrary(name: "CNftnl", pkgConfig: "libnftnl", providers: [.apt(["libnftnl-dev"])]),
        .systemLibrary(name: "CYAML", pkgConfig: "yaml-0.1", providers: [.apt(["libyaml-dev"])]),
        .systemLibrary(name: "CSodium", pkgConfig: "libsodium", providers: [.apt(["libsodium-dev"])]),
        .systemLibrary(name: "CMicroHTTPD", pkgConfig: "libmicrohttpd", providers: [.apt(["libmicrohttpd-dev"])]),

        // Pure: no system call, no clock, no randomness of its own.
        library("Time"),
        library("Net"),
        library("Raft", ["Net", "Time"]),
        library("Storage", ["Net", "Raft", "Time"]),
        library("Simulator", ["Failover", "Net", "Raft", "Storage", "Time"]),
        library("Failover", ["Raft", "Time"]),
        library("Configuration", ["CYAML", "Net", "Time"]),
        library("Doctor", ["Net", "Time"]),

        // The kernel, and only here.
        library("Linux", ["CLinux", "CMnl", "CNftnl", "Net", "Time"]),

        // Adapters: none imports another of its row but Observability.
        library("Observability", ["Linux", "Net", "Time"]),
        library("Scribe", ["Linux", "Net", "Time"]),
        library("Hooks", ["CSodium", "Configuration", "Linux", "Net", "Time"]),
        library("Runner", ["Configuration", "Hooks", "Linux", "Net", "Time"]),
        library("Keeper", ["Linux", "Net", "Raft", "Time"]),
        library("Elections", ["CSodium", "Linux", "Net", "Raft", "Storage", "Time"]),
        library("Control", ["Linux", "Observability", "Time"]),
        library("HTTP", ["CMicroHTTPD", "Linux", "Time"]),

        // The composition root and the programs.
        library("Preflight", ["Configuration", "Doctor", "Elections", "Hooks", "Linux", "Net", "Raft", "Time"]),
        library(
            "Agent",
            [
                "Configuration", "Control", "Elections", "Failover", "Hooks", "Keeper", "Linux", "Net",
                "Observability", "Preflight", "Raft", "Runner", "Scribe", "Storage", "Time",
            ]
        ),
        .executableTarget(
            name: "vip-switch",
            dependencies: [
                "Agent", "Configuration", "Control", "Doctor", "Elections", "Keeper", "Linux", "Net", "Preflight",
                "Time",
            ],
            swiftSettings: settings
        ),
        .executableTarget(
            name: "vip-switch-exporter",
            dependencies: ["Configuration", "Control", "HTTP", "Linux", "Net", "Observability", "Time"],
            resources: ["page.html", "page.css", "page.js"].map { .embedInCode("Page/\($0)") },
            swiftSettings: settings
        ),
        .executableTarget(
            name: "vip-switch-bench",
            dependencies: ["Linux", "Net", "Raft", "Time"],
            swiftSettings: settings
        ),
        .executableTarget(
            name: "vip-switch-simulate",
            dependencies: ["Linux", "Simulator", "Time"],
            swiftSettings: settings
        ),

        // Plays the agent for ProcessesTests: forking wants a process of one thread.
        .executableTarget(
            name: "processes-stage",
            dependencies: ["Configuration", "Hooks", "Linux", "Net", "Runner", "Scribe", "Time"],
            path: "Tests/ProcessesStage",
            swiftSettings: settings
        ),
        tests(
            "ProcessesTests",
            ["Configuration", "Hooks", "Linux", "Net", "Observability", "Scribe", "Time", "processes-stage"]
        ),
        tests("BenchTests", ["vip-switch-bench"]),
        tests(
            "ExporterTests",
            ["Configuration", "Control", "HTTP", "Linux", "Net", "Observability", "Time", "vip-switch-exporter"]
        ),
        tests("CommandTests", ["Agent", "Control", "Elections", "Linux", "Net", "Raft", "vip-switch"]),
        tests("ConfigurationTests", ["Configuration", "Net", "Time"]),
        // Values drawn at random, for the tests of codecs and files.
        .target(
            name: "Samples",
            dependencies: ["Net", "Raft", "Time"],
            path: "Tests/Samples",
            swiftSettings: settings
        ),
        tests("ElectionsTests", ["Elections", "Linux", "Net", "Raft", "Samples", "Storage", "Time"]),
        tests("StorageTests", ["Net", "Raft", "Samples", "Storage", "Time"]),
        tests("ControlTests", ["Control", "Linux", "Observability", "Time"]),
        // Plays the agent for KeeperTests, for the same reason.
        .executableTarget(
            name: "keeper-stage",
            dependencies: ["CLinux", "Keeper", "Linux"],
            path: "Tests/KeeperStage",
            swiftSettings: settings
        ),
        tests("KeeperTests", ["Keeper", "Linux", "Net", "Raft", "Time", "keeper-stage"]),
        tests("NetTests", ["Net"]),
        tests("DoctorTests", ["Doctor", "Net", "Time"]),
        tests("PreflightTests", ["Configuration", "Doctor", "Linux", "Net", "Preflight"]),
        tests("NetlinkTests", ["CLinux", "CMnl", "Linux", "Net", "Time"]),
        tests("AgentTests", ["Agent", "Configuration", "Control", "Keeper", "Raft", "Storage", "Time"]),
        tests("FailoverTests", ["Failover", "Raft", "Time"]),
        tests("RaftTests", ["Net", "Raft", "Simulator", "Time"], exclude: ["Transcripts"]),
        tests("SimulatorTests", ["Net", "Raft", "Simulator", "Storage", "vip-switch-simulate"]),
        tests("TidyTests", []),
    ]
)

// The fuzzers, which no normal build wants: `scripts/fuzz` asks for them.
if Context.environment["VIP_SWITCH_FUZZ"] != nil {
    package.targets += [
        .target(name: "Fuzzing", path: "Tests/Fuzz/Fuzzing", swiftSettings: settings),
        fuzzer("Datagram", ["Elections", "Net", "Raft", "Time"]),
        fuzzer("Conversation", ["Elections", "Net", "Raft", "Time"]),
        fuzzer("Letters", ["Elections", "Raft", "Time"]),
        fuzzer("StateFile", ["Net", "Storage"]),
        fuzzer("LogFile", ["Net", "Raft", "Storage"]),
        fuzzer("Frame", ["Net"]),
        fuzzer("Keeper", ["Keeper", "Net"]),
        fuzzer("Processes", ["Agent", "Hooks", "Keeper", "Net", "Preflight", "Runner", "Scribe"]),
        fuzzer("Control", ["Control"]),
        fuzzer("Configuration", ["Agent", "Configuration", "Keeper", "Raft"]),
    ]
}
