// AccessMonitor/Walls.swift: who may touch what in an image, as the oracle must know it.
// Data and its spelling; where it comes from, and whether it is right, is the caller's business.

/// The walls of an image.
public struct Walls: Sendable {
  /// The kernel's code, and its RAM with its stack.
  public var kernelCode: Range<UInt32>
  public var kernelRAM: Range<UInt32>
  /// The reset handler, and the one instruction that returns from exceptions.
  public var reset: UInt32
  public var exit: UInt32
  /// The handlers of exceptions.
  public var entries: [(address: UInt32, entry: Oracle.Entry)]
  /// The routine that copies messages, and the one that builds first frames.
  public var copy: Range<UInt32>
  public var firstFrame: Range<UInt32>
  /// The tasks by index, the kernel's idle task among them.
  public var tasks: [Task]
  /// Where the board swallows refusals; a task's access there is no news.
  public var deaf: Range<UInt32>?
  /// A device's register: from a store there to the next interrupt, QEMU's log has each instruction.
  public var alarm: UInt32?
  /// Names of code, by their addresses, for findings.
  public var symbols: [(address: UInt32, name: String)] = []

  /// One task's walls.
  public struct Task: Sendable {
    public var name: String
    /// What it may execute, load and store.
    public var code: Range<UInt32>
    public var ram: Range<UInt32>
    /// Where its first frame goes.
    public var firstFrame: Range<UInt32>
    /// Whom a call of it may exchange bytes with, by index.
    public var peers: [Int]
    /// Devices, and more that it may execute.
    public var devices: [Range<UInt32>]
    public var moreCode: [Range<UInt32>] = []

    /// Describes a task.
    public init(
      name: String, code: Range<UInt32>, ram: Range<UInt32>, firstFrame: Range<UInt32>,
      peers: [Int], devices: [Range<UInt32>]
    ) {
      self.name = name
      self.code = code
      self.ram = ram
      self.firstFrame = firstFrame
      self.peers = peers
      self.devices = devices
    }
  }

  /// Describes an image.
  public init(
    kernelCode: Range<UInt32>, kernelRAM: Range<UInt32>, reset: UInt32, exit: UInt32,
    entries: [(address: UInt32, entry: Oracle.Entry)], copy: Range<UInt32>,
    firstFrame: Range<UInt32>, tasks: [Task]
  ) {
    self.kernelCode = kernelCode
    self.kernelRAM = kernelRAM
    self.reset = reset
    self.exit = exit
    self.entries = entries
    self.copy = copy
    self.firstFrame = firstFrame
    self.tasks = tasks
  }

  /// The lines that the plugin reads.
  var text: String {
    func words(_ range: Range<UInt32>) -> String { "\(range.lowerBound) \(range.upperBound)" }
    var lines = [
      "reset \(reset)", "exit \(exit)", "text \(words(kernelCode))", "ram \(words(kernelRAM))",
      "copy \(words(copy))", "frame \(words(firstFrame))",
    ]
    if let deaf { lines.append("deaf \(words(deaf))") }
    if let alarm { lines.append("alarm \(alarm)") }
    lines += entries.map { "entry \($0.address) \($0.entry.rawValue)" }
    for (index, task) in tasks.enumerated() {
      let peers = task.peers.reduce(UInt32(0)) { $0 | 1 << UInt32($1) }
      lines.append(
        "task \(index) \(words(task.code)) \(words(task.ram)) \(words(task.firstFrame)) \(peers)")
      lines += task.devices.map { "window \(index) \(words($0))" }
      lines += task.moreCode.map { "read \(index) \(words($0))" }
    }
    return lines.joined(separator: "\n") + "\n"
  }

  /// A finding as one line: who did what where, and during which entry into the kernel.
  public func describe(_ finding: Oracle.Finding) -> String {
    let place = "at \(name(finding.programCounter))"
    let target =
      "\(finding.byteCount) bytes at 0x\(String(finding.address, radix: 16)) (\(owner(finding.address)))"
    let runner =
      tasks.indices.contains(finding.task) ? "task '\(tasks[finding.task].name)'" : "no task yet"
    let entry = finding.entry.map { " (\($0) of \(runner))" } ?? " (\(runner))"
    let what =
      switch finding.rule {
      case .kernelStore: "the kernel stored \(target) \(place)"
      case .taskStore: "a task stored \(target) \(place)"
      case .taskLoad: "a task loaded \(target) \(place)"
      case .wayIn: "the kernel was entered where no exception begins, \(place)"
      case .foreignCode: "code was executed that is not the task's, \(place)"
      case .phantomCall: "a call began that no task had made, \(place)"
      case .wayOut: "a task's code was entered not by a return from an exception, \(place)"
      case nil: "an unknown rule was broken \(place)"
      }
    return what + entry
  }

  /// An address of code by the nearest name below.
  private func name(_ address: UInt32) -> String {
    let digits = "0x" + String(address, radix: 16)
    guard let symbol = symbols.last(where: { $0.address <= address }) else { return digits }
    return "\(digits) (\(symbol.name)+\(address - symbol.address))"
  }

  private func owner(_ address: UInt32) -> String {
    if let task = tasks.first(where: { $0.ram.contains(address) || $0.code.contains(address) }) {
      return "task '\(task.name)'"
    }
    if kernelRAM.contains(address) || kernelCode.contains(address) { return "the kernel" }
    return "nobody's"
  }
}
