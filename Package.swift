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

func tests(_ name: String, _ dependencies: [Target.Dependency]) -> Target {
    .testTarget(name: name, dependencies: dependencies, swiftSettings: settings)
}

let package = Package(
    name: "vip-switch",
    products: [.executable(name: "vip-switch", targets: ["vip-switch"])],
    targets: [
        // C at the edge.
        .target(name: "CLinux"),
        .systemLibrary(name: "CMnl", pkgConfig: "libmnl", providers: [.apt(["libmnl-dev"])]),
        .systemLibrary(name: "CYAML", pkgConfig: "yaml-0.1", providers: [.apt(["libyaml-dev"])]),
        .systemLibrary(name: "CSodium", pkgConfig: "libsodium", providers: [.apt(["libsodium-dev"])]),

        // Pure: no system call, no clock, no randomness of its own.
        library("Time"),
        library("Net"),
        library("Raft", ["Net", "Time"]),
        library("Simulator", ["Failover", "Net", "Raft", "Time"]),
        library("Failover", ["Raft", "Time"]),
        library("Configuration", ["CYAML", "Net", "Time"]),

        // The kernel, and only here.
        library("Linux", ["CLinux", "CMnl", "Net", "Time"]),

        // Adapters: none imports another of its row but Observability.
        library("Observability", ["Linux", "Net", "Time"]),
        library("Scribe", ["Linux", "Net", "Time"]),
        library("Hooks", ["Configuration", "Linux", "Net", "Time"]),
        library("Runner", ["Configuration", "Hooks", "Linux", "Net", "Time"]),
        library("Keeper", ["Linux", "Net", "Raft", "Time"]),
        library("Elections", ["CSodium", "Linux", "Net", "Raft", "Time"]),
        library("Control", ["Linux", "Observability", "Time"]),

        // The composition root and the programs.
        library("Preflight", ["Configuration", "Elections", "Hooks", "Linux"]),
        library(
            "Agent",
            [
                "Configuration", "Control", "Elections", "Failover", "Hooks", "Keeper", "Linux", "Net",
                "Observability", "Preflight", "Raft", "Runner", "Scribe", "Time",
            ]
        ),
        .executableTarget(
            name: "vip-switch",
            dependencies: [
                "Agent", "Configuration", "Control", "Elections", "Keeper", "Linux", "Net", "Preflight", "Time",
            ],
            swiftSettings: settings
        ),
        .executableTarget(
            name: "vip-switch-bench",
            dependencies: ["Linux", "Net", "Time"],
            swiftSettings: settings
        ),
        .executableTarget(
            name: "vip-switch-simulator",
            dependencies: ["Simulator"],
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
            ["Configuration", "Hooks", "Linux", "Net", "Observability", "Time", "processes-stage"]
        ),
        tests("BenchTests", ["vip-switch-bench"]),
        tests("CommandTests", ["Agent", "Control", "Linux", "vip-switch"]),
        tests("ConfigurationTests", ["Configuration", "Net", "Time"]),
        tests("ElectionsTests", ["Elections", "Linux", "Net", "Raft", "Time"]),
        tests("ControlTests", ["Control", "Linux", "Time"]),
        // Plays the agent for KeeperTests, for the same reason.
        .executableTarget(
            name: "keeper-stage",
            dependencies: ["CLinux", "Keeper", "Linux"],
            path: "Tests/KeeperStage",
            swiftSettings: settings
        ),
        tests("KeeperTests", ["Keeper", "Linux", "Net", "Raft", "Time", "keeper-stage"]),
        tests("NetTests", ["Net"]),
        tests("PreflightTests", ["Configuration", "Linux", "Preflight"]),
        tests("NetlinkTests", ["CLinux", "CMnl", "Linux", "Net", "Time"]),
        tests("AgentTests", ["Agent", "Raft"]),
        tests("FailoverTests", ["Failover", "Raft", "Time"]),
        tests("RaftTests", ["Net", "Raft", "Time"]),
        tests("SimulatorTests", ["Simulator"]),
        tests("TidyTests", []),
    ]
)
