// ApusSimulator/Timing/Costs.swift: what a passage through the kernel and a task's code cost.
// One instruction is one cycle here: emulation shows neither wait states nor pipelines.

/// What a step costs in cycles of the board's clock.
public struct Costs: Sendable {
  /// From a call's exception to the exit, as counted on a Cortex-M3.
  public var call: UInt64 = 150
  /// The code between two calls of a real task: the mean, from which the seed draws 50 to 150 %.
  public var segment: UInt64 = 400

  /// The figures above.
  public init() {}
}
