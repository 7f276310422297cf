// FuzzKit/FuzzTarget.swift: what is fuzzed, and of which sources each program is made.
// Nothing is compiled here.

/// A program of libFuzzer over one part of Apus.
public enum FuzzTarget: String, CaseIterable, Sendable {
  /// Events and calls with any registers, beside the tests' model of the kernel.
  case kernel
  /// The planner: the texts of a manifest and a board.
  case manifest
  /// The reader of ELF and DWARF.
  case elf

  /// The folder under Sources/Verification/FuzzTargets with its entry.
  var folder: String {
    switch self {
    case .kernel: "Kernel"
    case .manifest: "Manifest"
    case .elf: "ELF"
    }
  }

  /// The modules that it tests, by their folders under Sources, in the order in which they are
  /// compiled; all of them instrumented.
  var modules: [String] {
    switch self {
    case .kernel: ["Kernel/ApusABI", "Kernel/ApusKernel"]
    case .manifest: ["Kernel/ApusABI", "Build/PlainText", "Build/ImagePlan"]
    case .elf: ["Build/PlainText", "Build/ELFKit"]
    }
  }

  /// More folders of sources that belong to the program itself.
  var folders: [String] { self == .kernel ? [Self.model] : [] }

  /// The kernel's model and what compares the two.
  static let model = "Sources/Verification/KernelModel"

  /// The longest input in bytes.
  var longestInput: Int {
    switch self {
    case .kernel: 1024
    case .manifest: 4096
    case .elf: 8192
    }
  }
}
