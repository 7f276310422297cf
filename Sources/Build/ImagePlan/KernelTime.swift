// ImagePlan/KernelTime.swift: how long the kernel may keep everybody waiting, for a manifest's size.
// Its numbers are fitted to the kernel's measured worst paths (WorstPath.md); `KernelTimeTests` in
// BenchTests counts them anew on images of three sizes, and says what they should be.

/// The longest stay in the kernel, and the tick that is longer.
///
/// SysTick has one bit for "a tick has come", so a tick is lost if two come before the first is
/// taken. At equal priority it goes before every interrupt, so it waits for one stay at most, the
/// tick's own among them: a period must be longer than the longest of all. It need not be longer
/// than that stay and the tick's together: while the tick is served the bit is free again, and a
/// tick that comes then is taken next. So nothing adds up, and nothing is lost; how much of the
/// time is left to the tasks is another question, which the manifest's author answers.
public enum KernelTime {
  /// A way into the kernel whose length depends on the image.
  struct Way {
    var name: String
    /// Instructions from the entry to the return that every image has, and those for each task
    /// without idle and for each interrupt that has an owner.
    var base, perTask, perInterrupt: Int

    func instructions(tasks: Int, interrupts: Int) -> Int {
      base + perTask * tasks + perInterrupt * interrupts
    }
  }

  /// The ways that can be the longest of an image; all others are shorter than one of these.
  static let ways = [
    Way(name: "replyAndReceive", base: 860, perTask: 0, perInterrupt: 0),
    Way(name: "restartTask", base: 215, perTask: 16, perInterrupt: 25),
    Way(name: "tick", base: 40, perTask: 45, perInterrupt: 0),
    Way(name: "irqControl", base: 75, perTask: 0, perInterrupt: 25),
  ]
  /// What a floating-point unit adds at most: its registers, saved and loaded.
  static let floatingPointInstructions = 120

  /// Cycles that an instruction takes at most on the average of a stay, without wait states.
  ///
  /// A memory that makes the core wait needs a longer tick than this gives.
  static let cyclesPerInstruction = 2.4
  /// The core's own work at an exception's entry and return: the frame, and that of the unit.
  static let exceptionCycles = 64

  /// The longest stay in the kernel of an image with so many tasks, idle not counted, and so many
  /// interrupts that have an owner.
  ///
  /// An upper bound: it takes all interrupts for one task's.
  public static func longestStay(
    tasks: Int, interrupts: Int, hasFloatingPoint: Bool
  ) -> (way: String, instructions: Int, cycles: Int) {
    let lengths = ways.map { $0.instructions(tasks: tasks, interrupts: interrupts) }
    let longest = lengths.max() ?? 0
    let instructions = longest + (hasFloatingPoint ? floatingPointInstructions : 0)
    let cycles = Int((Double(instructions) * cyclesPerInstruction).rounded(.up)) + exceptionCycles
    return (ways[lengths.firstIndex(of: longest) ?? 0].name, instructions, cycles)
  }
}
