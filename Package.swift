// swift-tools-version: 6.2
import PackageDescription

// The house of docs/architecture.md: every target names exactly the floors below it that it uses.

let strict: [SwiftSetting] = [
  .swiftLanguageMode(.v6),
  .enableUpcomingFeature("ExistentialAny"),
  .enableUpcomingFeature("MemberImportVisibility"),
  .enableUpcomingFeature("InternalImportsByDefault"),
  .treatAllWarnings(as: .error),
]

/// Number-crunching targets are optimised in debug builds too, so that the tests do real work quickly.
let numeric = strict + [.unsafeFlags(["-O"], .when(configuration: .debug))]

let commonC: [CSetting] = [.unsafeFlags(["-O2"], .when(configuration: .debug))]

func tests(_ target: String, _ others: [Target.Dependency] = [], resources: [Resource]? = nil)
  -> Target
{
  .testTarget(
    name: "\(target)Tests", dependencies: [.target(name: target)] + others, resources: resources,
    swiftSettings: strict)
}

let package = Package(
  name: "orbit",
  products: [.executable(name: "orbit", targets: ["orbit"])],
  dependencies: [
    .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.0"),
    .package(url: "https://github.com/apple/swift-log", from: "1.16.0"),
    .package(url: "https://github.com/groue/GRDB.swift", from: "7.10.0"),
    .package(url: "https://github.com/swiftlang/swift-syntax", from: "603.0.0"),
  ],
  targets: [
    // Floor 0: C libraries, module maps and shims.
    // The libraries behind CLazyLibrary are loaded at the first call, and so are not linked.
    .target(name: "CLazyLibrary", cSettings: commonC),
    .target(name: "COpenBLAS", dependencies: ["CLazyLibrary"], cSettings: commonC),
    .target(
      name: "COneDNN", dependencies: ["CLazyLibrary"], cSettings: commonC,
      linkerSettings: [.linkedLibrary("gomp")]),
    .target(name: "CCairo", dependencies: ["CLazyLibrary"], cSettings: commonC),
    .target(name: "CMatio", dependencies: ["CLazyLibrary"], cSettings: commonC),
    .target(name: "CZip", dependencies: ["CLazyLibrary"], cSettings: commonC),
    .target(name: "CTeam", cSettings: commonC),
    .target(name: "CVectors", cSettings: commonC),
    .target(name: "CEarlyListener", cSettings: commonC),
    .target(name: "CCrashWords", cSettings: commonC),
    .systemLibrary(name: "CZeroMQ", pkgConfig: "libzmq", providers: [.apt(["libzmq3-dev"])]),
    .systemLibrary(name: "CSodium", pkgConfig: "libsodium", providers: [.apt(["libsodium-dev"])]),
    .systemLibrary(name: "CPNG", pkgConfig: "libpng", providers: [.apt(["libpng-dev"])]),
    .systemLibrary(name: "CZlib", pkgConfig: "zlib", providers: [.apt(["zlib1g-dev"])]),

    // Floor 1.
    .target(
      name: "Compute", dependencies: ["COpenBLAS", "COneDNN", "CTeam", "CVectors"],
      swiftSettings: numeric),
    .target(name: "JupyterProtocol", dependencies: ["CSodium"], swiftSettings: strict),
    .target(name: "CellLanguage", swiftSettings: strict),
    .target(name: "Plotting", dependencies: ["CCairo", "CPNG"], swiftSettings: numeric),
    .target(
      name: "Formats", dependencies: ["CZlib", "CZip", "CMatio", "CPNG", "CSodium"],
      swiftSettings: numeric),
    .target(
      name: "RunStore", dependencies: [.product(name: "GRDB", package: "GRDB.swift")],
      swiftSettings: strict),

    // Floor 2.
    .target(name: "Tensors", dependencies: ["Compute"], swiftSettings: numeric),
    .target(
      name: "JupyterKernel",
      dependencies: [
        "JupyterProtocol", "CZeroMQ", "CEarlyListener", "CCrashWords",
        .product(name: "Logging", package: "swift-log"),
      ], swiftSettings: strict),

    // Floor 3.
    .target(name: "Layers", dependencies: ["Tensors"], swiftSettings: numeric),
    .target(name: "Imaging", dependencies: ["Tensors", "Compute"], swiftSettings: numeric),
    .target(name: "Datasets", dependencies: ["Tensors", "Formats"], swiftSettings: numeric),

    // Floor 4.
    .target(
      name: "Training", dependencies: ["Layers", "Tensors", "Compute"],
      swiftSettings: numeric),

    // Floor 5.
    .target(
      name: "Evaluation", dependencies: ["Training", "Layers", "Imaging", "Tensors", "Compute"],
      swiftSettings: numeric),
    .target(
      name: "Methods",
      dependencies: ["Training", "Layers", "Imaging", "Tensors"],
      swiftSettings: numeric),

    // Floor 6.
    .target(
      name: "Workspace",
      dependencies: [
        "Methods", "Evaluation", "Training", "Layers", "Imaging", "Datasets", "Tensors",
        "JupyterKernel", "JupyterProtocol", "CellLanguage", "Plotting", "Formats", "RunStore",
      ], swiftSettings: strict),

    // Floor 7.
    .executableTarget(
      name: "orbit",
      dependencies: [
        "Workspace", "JupyterKernel", "JupyterProtocol", "Datasets", "Tensors", "Compute",
        "Formats", "RunStore", "CZeroMQ", "CSodium", "CLazyLibrary",
        .product(name: "ArgumentParser", package: "swift-argument-parser"),
        .product(name: "Logging", package: "swift-log"),
      ],
      resources: [
        .embedInCode("kernelspec/kernel.json"), .embedInCode("kernelspec/logo-32x32.png"),
        .embedInCode("kernelspec/logo-64x64.png"), .embedInCode("kernelspec/logo-svg.svg"),
      ], swiftSettings: strict,
      linkerSettings: [
        // A static Swift library comes with -export-dynamic, for plugins. Nobody loads Orbit: 15,000 names
        // less for every library to look through at the start, and 3 MB less in memory.
        .unsafeFlags(["-Xlinker", "--no-export-dynamic"], .when(configuration: .release))
      ]),

    // `make bench`.
    .executableTarget(
      name: "EngineBenchmark",
      dependencies: ["Methods", "Training", "Layers", "Imaging", "Tensors", "Compute"],
      path: "Benchmarks/Engine", swiftSettings: strict),

    tests("Compute", ["CVectors"]),
    tests("JupyterProtocol"),
    tests(
      "CellLanguage",
      [
        .product(name: "SwiftParser", package: "swift-syntax"),
        .product(name: "SwiftSyntax", package: "swift-syntax"),
        .product(name: "SwiftOperators", package: "swift-syntax"),
        .product(name: "SwiftParserDiagnostics", package: "swift-syntax"),
      ], resources: [.copy("Corpus")]),
    tests("Plotting", ["CPNG"]),
    tests("Formats", resources: [.copy("Fixtures")]),
    tests("RunStore"),
    tests("Tensors", ["Compute"], resources: [.copy("Fixtures")]),
    tests("JupyterKernel", ["JupyterProtocol", "CZeroMQ"]),
    tests("Layers", ["Tensors"], resources: [.copy("Fixtures")]),
    tests("Imaging", ["Tensors", "Compute"], resources: [.copy("Fixtures")]),
    tests("Datasets", ["Tensors", "Formats"], resources: [.copy("Fixtures")]),
    tests("Training", ["Layers", "Tensors", "Compute"], resources: [.copy("Fixtures")]),
    tests(
      "Evaluation", ["Training", "Layers", "Imaging", "Tensors", "Compute"],
      resources: [.copy("Fixtures")]),
    tests(
      "Methods", ["Training", "Layers", "Imaging", "Datasets", "Tensors"],
      resources: [.copy("Fixtures")]),
    tests(
      "Workspace",
      [
        "CellLanguage", "JupyterKernel", "JupyterProtocol", "Plotting", "Formats", "Methods",
        "Training", "Layers", "Tensors",
      ], resources: [.copy("Fixtures")]),
  ]
)
