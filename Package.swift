// swift-tools-version: 6.2
// Package.swift: the host half of Apus. Firmware for the target is built by the product `apus`,
// from the very same sources; here they are ordinary Swift, so that the host can test them.

import PackageDescription

/// The kernel's and the tasks' language features that both builds need.
let sharedSettings: [SwiftSetting] = [
  .enableExperimentalFeature("Extern"),
  .enableExperimentalFeature("Volatile"),
]

/// For what keeps a watch over kernels on the host; programs that take some of the same sources and
/// compile them apart have none, but limits of their own.
let watched: [SwiftSetting] = [.define("APUS_WATCHED")]

/// The layers, each a folder of `Sources`, and their modules.
///
/// Dependencies go up this list only, and nothing but tests depends on the last. `LayerTests` reads it.
let layers: KeyValuePairs = [
  "Kernel": ["ApusABI", "ApusKernel"],
  "Ports": ["ApusCortexM"],
  "Runtime": ["CApus", "Apus"],
  "Build": [
    "PlainText", "ImagePlan", "ELFKit", "ApusBuild", "ManifestGenerator", "ManifestPlugin",
  ],
  "Simulator": ["CFibers", "KernelWatch", "ApusSimulator"],
  "Tools": ["QEMUKit", "CostKit", "TimelineKit", "TraceKit", "CommandSupport", "ApusTool"],
  "Footprint": ["FootprintKit", "FootprintTool"],
  "Firmware": [],
  "Verification": [
    "AccessMonitor", "GuestLink", "KernelModel", "KernelSabotage", "MirrorKit", "SweepKit",
    "ConformanceKit", "SoakKit",
    "FuzzKit", "BenchKit",
    "MutationKit", "VerifyTool",
  ],
]

/// The folder of an app, below `Sources`: those that run and teach, and those that attack.
func folder(of app: String) -> String {
  ["Console", "Hello", "Lives"].contains(app)
    ? "Sources/Firmware/\(app)" : "Sources/Verification/Guests/\(app)"
}

/// A task of an app: module App + Task, sources in the folder `Task` of the app's.
func task(_ app: String, _ name: String) -> Target {
  .target(
    name: app + name,
    dependencies: ["Apus"] + (interfaces.contains(app) ? [.target(name: app + "Interface")] : []),
    path: "\(folder(of: app))/\(name)",
    swiftSettings: sharedSettings, plugins: ["ManifestPlugin"])
}

/// The apps whose tasks share a module App + `Interface`: what they say to each other.
let interfaces = ["Bench", "Conformance", "Console", "Random", "Soak", "Sweep"]

let apps: [String: [String]] = [
  "Hello": ["Supervisor", "Greeter"],
  "Conformance": ["Supervisor", "Echo", "Assist", "Victim", "Suite", "Hostile", "Witness"],
  "Random": ["Supervisor", "Driver", "Server", "Middle", "Client", "Hostile"],
  "Lives": ["Supervisor", "Diary"],
  "Console": ["Supervisor", "Uart", "Clock", "Sensor", "Logger", "Shell"],
  "Soak": ["Supervisor", "Driver", "Desk", "First", "Hostile", "Second"],
  "Sweep": ["Supervisor", "Driver", "Anchor", "Hostile", "Witness"],
  "Bench": ["Supervisor", "Driver", "Server", "Peer3", "Peer4", "Peer5", "Client"],
]

/// The modules of an app's tasks, for those who run them on the host.
func tasks(of app: String) -> [Target.Dependency] {
  (apps[app] ?? []).map { .target(name: app + $0) }
}

let argumentParser = Target.Dependency.product(
  name: "ArgumentParser", package: "swift-argument-parser")

let package = Package(
  name: "apus",
  products: [
    .executable(name: "apus", targets: ["ApusTool"]),
    .executable(name: "apus-verify", targets: ["VerifyTool"]),
    .executable(name: "footprint", targets: ["FootprintTool"]),
    .library(name: "Apus", targets: ["Apus"]),
    .library(name: "ELFKit", targets: ["ELFKit"]),
    .library(name: "FootprintKit", targets: ["FootprintKit"]),
  ],
  dependencies: [
    .package(url: "https://github.com/apple/swift-argument-parser", exact: "1.8.2"),
    .package(url: "https://github.com/jpsim/Yams", exact: "6.2.2"),
    .package(url: "https://github.com/hummingbird-project/swift-mustache", exact: "2.1.1"),
    .package(url: "https://github.com/swiftlang/swift-subprocess", exact: "1.0.2"),
    .package(url: "https://github.com/apple/swift-system", exact: "1.8.1"),
  ],
  targets: [
    // The system itself.
    .target(name: "ApusABI", swiftSettings: sharedSettings),
    .target(name: "ApusKernel", dependencies: ["ApusABI"], swiftSettings: sharedSettings),
    .target(
      name: "ApusCortexM", dependencies: ["ApusABI", "ApusKernel"], exclude: ["Assembly"],
      swiftSettings: sharedSettings),
    .target(name: "CApus"),
    .target(
      name: "Apus", dependencies: ["ApusABI", "CApus"], exclude: ["Assembly"],
      swiftSettings: sharedSettings),

    // The tools' libraries.
    .target(name: "PlainText"),
    .target(
      name: "ImagePlan",
      dependencies: ["ApusABI", "PlainText", .product(name: "Yams", package: "Yams")]),
    .executableTarget(name: "ManifestGenerator", dependencies: ["ImagePlan"]),
    .plugin(
      name: "ManifestPlugin", capability: .buildTool(), dependencies: ["ManifestGenerator"]),
    .target(name: "ELFKit", dependencies: ["PlainText"]),
    .target(
      name: "ApusBuild",
      dependencies: [
        "ImagePlan", "ELFKit", "PlainText",
        .product(name: "Subprocess", package: "swift-subprocess"),
        .product(name: "SystemPackage", package: "swift-system"),
      ]),
    .target(
      name: "QEMUKit",
      dependencies: [
        "PlainText",
        .product(name: "Subprocess", package: "swift-subprocess"),
        .product(name: "SystemPackage", package: "swift-system"),
      ],
      resources: [
        .embedInCode("Counter/counter.c"), .embedInCode("Plugin/plugin.h"),
      ]),
    .target(
      name: "FootprintKit",
      dependencies: [
        "ELFKit", "PlainText", "QEMUKit", "ImagePlan", .product(name: "Yams", package: "Yams"),
        .product(name: "Mustache", package: "swift-mustache"),
      ]),
    .target(name: "CFibers"),
    .target(
      name: "KernelModel", dependencies: ["ApusABI", "ApusKernel", "KernelWatch"],
      swiftSettings: watched),
    .target(name: "KernelSabotage"),
    .target(name: "KernelWatch"),
    .target(
      name: "ApusSimulator",
      dependencies: [
        "ApusABI", "ApusKernel", "Apus", "CApus", "CFibers", "ImagePlan", "KernelWatch",
        "PlainText",
      ],
      swiftSettings: watched),
    .target(
      name: "CostKit",
      dependencies: [
        "ApusABI", "ApusKernel", "ApusSimulator", "ELFKit", "ImagePlan", "QEMUKit",
      ],
      resources: [.embedInCode("Passages/passages.c")]),
    .target(
      name: "ConformanceKit",
      dependencies: [
        "AccessMonitor", "ApusABI", "ApusBuild", "ELFKit", "GuestLink", "ImagePlan",
        "KernelSabotage", "PlainText", "QEMUKit",
      ]),
    .target(
      name: "SoakKit",
      dependencies: ["ApusABI", "ApusBuild", "ELFKit", "GuestLink", "ImagePlan", "QEMUKit"]),
    .target(
      name: "AccessMonitor", dependencies: ["ELFKit", "ImagePlan", "QEMUKit"],
      resources: [.embedInCode("Plugin/oracle.c")]),
    .target(name: "GuestLink"),
    .target(
      name: "SweepKit",
      dependencies: [
        "AccessMonitor", "ApusABI", "ApusBuild", "ELFKit", "ImagePlan", "QEMUKit",
      ]),
    .target(name: "FuzzKit"),
    .target(name: "BenchKit", dependencies: ["ApusBuild", "QEMUKit", "ImagePlan", "ELFKit"]),
    .target(
      name: "MirrorKit",
      dependencies: [
        "ApusABI", "ApusKernel", "ApusCortexM", "ELFKit", "ImagePlan", "KernelWatch", "PlainText",
        "QEMUKit",
      ]),

    .target(
      name: "MutationKit",
      dependencies: [
        "ApusBuild", "ConformanceKit", "ELFKit", "ImagePlan", "MirrorKit",
        .product(name: "Subprocess", package: "swift-subprocess"),
        .product(name: "SystemPackage", package: "swift-system"),
      ],
      exclude: ["Survivors.md"]),

    .target(name: "TimelineKit", dependencies: ["ApusABI", "PlainText"]),
    .target(
      name: "TraceKit",
      dependencies: [
        "ApusABI", "ApusKernel", "ApusSimulator", "ImagePlan", "MirrorKit", "TimelineKit",
      ]),

    // The tools.
    .target(
      name: "CommandSupport",
      dependencies: ["ApusBuild", "ELFKit", "ImagePlan", "PlainText", "QEMUKit", argumentParser]),
    .executableTarget(
      name: "ApusTool",
      dependencies: [
        "ApusSimulator", "CommandSupport", "ImagePlan", "MirrorKit", "QEMUKit", "TimelineKit",
        "TraceKit", argumentParser,
      ] + tasks(of: "Console") + tasks(of: "Hello")),
    .executableTarget(
      name: "VerifyTool",
      dependencies: [
        "ApusBuild", "ApusSimulator", "BenchKit", "CommandSupport", "ConformanceKit", "CostKit",
        "FuzzKit", "ImagePlan", "KernelSabotage", "MirrorKit", "MutationKit", "SoakKit", "SweepKit",
        argumentParser,
      ]),
    .executableTarget(
      name: "FootprintTool",
      dependencies: ["FootprintKit", "PlainText", "QEMUKit", argumentParser]),

    // The tests, a target for each of the above.
    .testTarget(name: "ApusABITests", dependencies: ["ApusABI"]),
    .testTarget(
      name: "ApusKernelTests",
      dependencies: [
        "Checkout",
        "ApusKernel", "ApusABI", "KernelModel", "KernelSabotage",
        .product(name: "Subprocess", package: "swift-subprocess"),
        .product(name: "SystemPackage", package: "swift-system"),
      ]),
    .testTarget(name: "KernelSabotageTests", dependencies: ["Checkout", "KernelSabotage"]),
    .testTarget(name: "KernelWatchTests", dependencies: ["KernelWatch"]),
    .testTarget(name: "ApusCortexMTests", dependencies: ["ApusCortexM", "ApusABI"]),
    .target(name: "Checkout", path: "Tests/Support/Checkout"),
    .testTarget(
      name: "LayerTests", dependencies: ["Checkout"], path: "Tests/Support/LayerTests"),
    .target(name: "Conversations", path: "Tests/Support/Conversations"),
    .target(
      name: "BoardSupport",
      dependencies: ["ApusBuild", "Checkout", "Conversations", "ImagePlan", "QEMUKit"],
      path: "Tests/Support/BoardSupport"),
    .testTarget(
      name: "ApusSimulatorTests",
      dependencies: [
        "Checkout",
        "ApusSimulator", "Apus", "ApusKernel", "ApusABI", "Conversations", "ImagePlan",
        "KernelSabotage",
      ] + tasks(of: "Console") + tasks(of: "Lives")),
    .testTarget(
      name: "CostKitTests", dependencies: ["ApusSimulator", "BoardSupport", "CostKit", "ImagePlan"]),
    .testTarget(name: "BenchTests", dependencies: ["Checkout", "BenchKit", "ImagePlan"]),
    .testTarget(
      name: "FuzzTests",
      dependencies: ["Checkout", "ApusKernel", "ApusABI", "FuzzKit", "ImagePlan", "QEMUKit"]),
    .testTarget(name: "ApusTests", dependencies: ["Checkout", "Apus", "CApus"]),
    .testTarget(name: "ImagePlanTests", dependencies: ["ImagePlan", "ApusABI", "PlainText"]),
    .testTarget(
      name: "ApusBuildTests", dependencies: ["Checkout", "ApusBuild", "ImagePlan", "ELFKit"]),
    .testTarget(name: "PlainTextTests", dependencies: ["PlainText"]),
    .testTarget(name: "ELFKitTests", dependencies: ["ELFKit"]),
    .testTarget(name: "QEMUKitTests", dependencies: ["QEMUKit"]),
    .testTarget(
      name: "SweepTests",
      dependencies: [
        "AccessMonitor", "Checkout",
        "SweepKit", "ApusABI", "ApusBuild", "BoardSupport", "Conversations", "ELFKit", "ImagePlan",
        "QEMUKit",
      ]),
    .testTarget(
      name: "FootprintKitTests",
      dependencies: ["FootprintKit", "BoardSupport", "ImagePlan", "ELFKit"]),
    .testTarget(
      name: "ConformanceTests",
      dependencies: ["Checkout", "ConformanceKit", "KernelSabotage", "QEMUKit", "ImagePlan"]),
    .testTarget(name: "GuestLinkTests", dependencies: ["GuestLink"]),
    .testTarget(name: "SoakTests", dependencies: ["Checkout", "SoakKit", "KernelSabotage"]),
    .testTarget(
      name: "MirrorKitTests",
      dependencies: [
        "MirrorKit", "ApusBuild", "ApusABI", "BoardSupport", "ImagePlan", "KernelSabotage",
      ]),
    .testTarget(
      name: "TimelineKitTests",
      dependencies: [
        "Checkout",
        "TimelineKit", "TraceKit", "ApusABI", "ApusSimulator", "BoardSupport", "ImagePlan",
        "MirrorKit",
      ] + tasks(of: "Console") + tasks(of: "Hello")),
    .testTarget(
      name: "MutationKitTests",
      dependencies: [
        "Checkout",
        "MutationKit", .product(name: "Subprocess", package: "swift-subprocess"),
        .product(name: "SystemPackage", package: "swift-system"),
      ]),
    .testTarget(
      name: "BootTests",
      dependencies: [
        "ApusBuild", "BenchKit", "BoardSupport", "Conversations", "FootprintKit", "KernelSabotage",
        "QEMUKit", "ImagePlan", "ELFKit",
      ],
      exclude: ["Fixtures"]),
  ] + apps.sorted { $0.key < $1.key }.flatMap { app, names in names.map { task(app, $0) } }
    + interfaces.map { app in
      .target(
        name: app + "Interface", dependencies: ["Apus"], path: "\(folder(of: app))/Interface",
        swiftSettings: sharedSettings)
    },
  swiftLanguageModes: [.v6]
)

// Each target lies in the folder of its layer, tests in that of what they test; what boots is an app.
for target in package.targets where target.path == nil {
  let module = target.isTest ? String(target.name.dropLast("Tests".count)) : target.name
  let layer = layers.first { $0.value.contains(module) || $0.value.contains(module + "Kit") }?.key
  target.path = "\(target.isTest ? "Tests" : "Sources")/\(layer ?? "Firmware")/\(target.name)"
}
