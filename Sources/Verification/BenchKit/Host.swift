// BenchKit/Host.swift: how fast the tools are on this host, beside the counted figures.
// No test compares these numbers: they are wall time and memory of a machine that does other things.

import Foundation

/// The speeds of one machine on one day, under the names of `build/bench.json`.
public struct HostFigures: Codable, Equatable, Sendable {
  /// Calls and ticks of the kernel in a second, on the host.
  public var kernelStepsPerSecond: Int
  /// Steps of an exploration in a second, its checks included.
  public var explorerEdgesPerSecond: Int
  /// `footprint report` by module, file and symbol on an ELF of 5 MB; the best of three.
  public var reportSeconds: Double
  /// The most memory that it had, in units of 1,000,000 bytes.
  public var reportMegabytes: Double
  /// `footprint boot` of `hello`; the best of three.
  public var bootSeconds: Double

  private enum CodingKeys: String, CodingKey {
    case kernelStepsPerSecond = "kernel_steps_per_second"
    case explorerEdgesPerSecond = "explorer_edges_per_second"
    case reportSeconds = "footprint_report_seconds"
    case reportMegabytes = "footprint_report_megabytes"
    case bootSeconds = "footprint_boot_seconds"
  }

  /// Puts two measurements together: that of the processes and that of the library on this thread.
  public init(
    _ footprint: FootprintSpeed, kernelStepsPerSecond: Double, explorerEdgesPerSecond: Double
  ) {
    self.kernelStepsPerSecond = Int(kernelStepsPerSecond)
    self.explorerEdgesPerSecond = Int(explorerEdgesPerSecond)
    reportSeconds = (footprint.report.seconds * 1000).rounded() / 1000
    reportMegabytes = (footprint.report.megabytes * 10).rounded() / 10
    bootSeconds = (footprint.boot.seconds * 1000).rounded() / 1000
  }

  /// The speeds with what is to be reached, as the counted figures are shown.
  public var table: String {
    func row(_ title: String, _ value: String, _ unit: String, _ bound: String, _ isMet: Bool)
      -> String
    {
      let left = String(repeating: " ", count: max(0, 11 - value.count)) + value
      let end = isMet ? ")" : ": missed)"
      return "\(title.padded(22))\(left) \(unit.padded(14))  (reach \(bound)\(end)"
    }
    func seconds(_ value: Double) -> String { String(format: "%.3f", value) }
    return [
      "measured on this machine, today; no test compares it\(Self.load)", "",
      row(
        "kernel on the host", "\(kernelStepsPerSecond)", "steps/s", "20000000",
        kernelStepsPerSecond >= 20_000_000),
      row(
        "explorer", "\(explorerEdgesPerSecond)", "edges/s", "1000000",
        explorerEdgesPerSecond >= 1_000_000),
      row("footprint report, 5 MB", seconds(reportSeconds), "s", "< 0.5", reportSeconds < 0.5),
      row(
        "  its memory", String(format: "%.1f", reportMegabytes), "MB", "< 200",
        reportMegabytes < 200),
      row("footprint boot, hello", seconds(bootSeconds), "s", "< 2", bootSeconds < 2),
    ].joined(separator: "\n")
  }
}

extension HostFigures {
  /// How busy the machine is: wall time on a busy one says little.
  fileprivate static var load: String {
    var average = 0.0
    guard getloadavg(&average, 1) == 1 else { return "" }
    let count = ProcessInfo.processInfo.activeProcessorCount
    return String(format: " (load %.1f on %d processors)", average, count)
  }
}

/// What `build/bench.json` holds: the counted figures and, if they were asked for, the speeds and
/// the longest stays in the kernel.
public struct BenchFile: Encodable {
  /// What every run must agree on.
  public var figures: Figures
  /// What differs from machine to machine.
  public var host: HostFigures?
  /// The key `worst_path`.
  public var worst: WorstPath?

  private enum CodingKeys: String, CodingKey {
    case worst = "worst_path"
  }

  /// The contents of the file.
  public init(_ figures: Figures, host: HostFigures?, worst: WorstPath? = nil) {
    self.figures = figures
    self.host = host
    self.worst = worst
  }

  public func encode(to encoder: any Encoder) throws {
    try figures.encode(to: encoder)
    try host?.encode(to: encoder)
    var container = encoder.container(keyedBy: CodingKeys.self)
    try container.encodeIfPresent(worst, forKey: .worst)
  }

  /// One flat object with sorted keys and a line end.
  public func json() throws -> Data {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.prettyPrinted, .sortedKeys]
    return try encoder.encode(self) + Data("\n".utf8)
  }
}
