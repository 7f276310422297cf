// ApusSimulator/Programs/FiberProgram.swift: a real task's sources, run as they are on a fiber.
// Its pointers are 64 bits wide and the kernel's words 32: spans are copied into the task's memory
// at a call and back when it is over. The task is blocked meanwhile, so nobody can tell.

import Apus
import ApusABI
import ApusKernel
import CApus
import CApusMisdeeds
import CFibers

/// A task built for the host: the generated `runTask` of its module.
public final class FiberProgram: Program {
  private let run: @Sendable () -> Never
  /// The devices that the task owns, by the address of a register.
  weak var devices: DeviceBus?
  /// The task's index, which tells the bus who asks.
  var index = 0
  /// How many bytes at the end of the task's memory outlive its lives.
  var keptBytes = 0

  /// Whether the task once used a second of host time without a call: an endless loop, most likely.
  ///
  /// It goes on as a task that computes; from then on the host's speed has a say in the trace.
  public private(set) var isStuck = false

  private var fiber: OpaquePointer?
  /// The task's memory, while its fiber runs.
  private var memory: UnsafeMutablePointer<TaskMemory>?
  /// The registers of the call that the fiber waits in: on its own stack.
  private var waiting: UnsafeMutablePointer<ApusRegisters>?
  private var action = Action.compute(cycles: 0)
  /// What goes back from the task's memory to the fiber's when the call is over.
  private var returns: [(address: UInt32, place: UnsafeMutableRawPointer, count: Int)] = []
  /// The first free byte of the task's memory for the spans of the present call.
  private var top: UInt32 = 0

  /// Wraps `runTask` of a task's module.
  public init(_ run: @escaping @Sendable () -> Never) {
    self.run = run
  }

  deinit { restart() }

  public func restart() {
    if let fiber { apus_fiber_free(fiber) }
    fiber = nil
    waiting = nil
    returns = []
  }

  public func next(_ registers: Registers, _ memory: inout TaskMemory) -> Action {
    if let waiting { finish(&waiting.pointee, registers, memory) }
    waiting = nil
    let own = Unmanaged.passUnretained(self).toOpaque()
    let fiber =
      self.fiber
      ?? apus_fiber_make(
        { context in
          guard let context else { fatalError("a fiber without a task") }
          Unmanaged<FiberProgram>.fromOpaque(context).takeUnretainedValue().run()
        }, own, 1 << 18)
    self.fiber = fiber
    apus_host_install(Self.host(own))
    let end = withUnsafeMutablePointer(to: &memory) {
      self.memory = $0
      defer { self.memory = nil }
      return apus_fiber_resume(fiber)
    }
    apus_host_install(ApusHost())
    if end == ApusFiberTrapped { return .fault(.illegalInstruction, address: 0) }
    if end == ApusFiberStuck {
      isStuck = true
      return .compute(cycles: 1_000_000)
    }
    if let waiting { return .call(prepare(waiting.pointee, &memory)) }
    return action
  }

  // MARK: On the fiber

  private static func host(_ own: UnsafeMutableRawPointer) -> ApusHost {
    ApusHost(
      context: own,
      call: { FiberProgram.from($0).wait(in: $1) },
      load: { FiberProgram.from($0).load($1) },
      store: { FiberProgram.from($0).store($1, $2) },
      misdeed: { FiberProgram.from($0).misdeed($1) })
  }

  private static func from(_ context: UnsafeMutableRawPointer?) -> FiberProgram {
    guard let context else { fatalError("installed without a context") }
    return Unmanaged<FiberProgram>.fromOpaque(context).takeUnretainedValue()
  }

  private func wait(in registers: UnsafeMutablePointer<ApusRegisters>?) {
    waiting = registers
    apus_fiber_yield(fiber)
  }

  private func stop(_ kind: FaultKind, _ address: UInt32) {
    action = .fault(kind, address: address)
    apus_fiber_yield(fiber)
  }

  /// Where in the task's memory the word at `address` is that it keeps; nil if it keeps none there.
  private func keptWord(_ address: UInt32) -> UInt32? {
    let offset = address &- Kept.hostAddress
    guard let memory, offset & 3 == 0, offset < UInt32(keptBytes) else { return nil }
    return memory.pointee.base + UInt32(memory.pointee.bytes.count - keptBytes) + offset
  }

  private func load(_ address: UInt32) -> UInt32 {
    if let place = keptWord(address) { return memory?.pointee.word(place) ?? 0 }
    if let value = devices?.load(address, by: index) { return value }
    stop(address >= 0xE000_0000 ? .bus : .memory, address)
    return 0
  }

  private func store(_ address: UInt32, _ value: UInt32) {
    if let place = keptWord(address) { memory?.pointee.store(word: value, at: place); return }
    if devices?.store(address, value, by: index) == true { return }
    stop(address >= 0xE000_0000 ? .bus : .memory, address)
  }

  private func misdeed(_ number: UInt32) {
    switch Int(number) {
    case Int(ApusMisdeedStack.rawValue): stop(.stackOverflow, devices?.stackBase(index) ?? 0)
    case Int(ApusMisdeedText.rawValue): stop(.illegalText, 0)
    case Int(ApusMisdeedIllegal.rawValue): stop(.illegalInstruction, 0)
    case Int(ApusMisdeedDivide.rawValue): stop(.divideByZero, 0)
    case Int(ApusMisdeedBreakpoint.rawValue): stop(.breakpoint, 0)
    default: stop(.invalidOperation, 0)
    }
  }

  // MARK: From 64 bits to 32 and back

  /// The call's registers with every span in the task's memory.
  private func prepare(_ given: ApusRegisters, _ memory: inout TaskMemory) -> Registers {
    var registers = Registers()
    registers.r4 = Self.word(given.r4)
    registers.r5 = Self.word(given.r5)
    registers.r6 = Self.word(given.r6)
    registers.r7 = Self.word(given.r7)
    registers.r8 = Self.word(given.r8)
    registers.r9 = Self.word(given.r9)
    registers.r10 = Self.word(given.r10)
    registers.r11 = Self.word(given.r11)
    top = memory.base
    returns = []
    let call = Call(rawValue: registers.r11)
    switch call {
    case .send, .reply, .replyAndReceive, .borrowWrite, .panic:
      registers.r5 = lend(given.r5, given.r6, &memory)
    case .borrowRead: registers.r5 = lend(given.r5, given.r6, &memory, isReturned: true)
    default: break
    }
    switch call {
    case .send, .receive, .replyAndReceive, .readPanicText:
      registers.r7 = lend(given.r7, given.r8, &memory, isReturned: true)
    default: break
    }
    if call == .send, given.r10 > 0, let table = UnsafePointer<ApusLease>(bitPattern: given.r9) {
      var words: [UInt32] = []
      for number in 0..<Int(given.r10) {
        let lease = table[number]
        let isWritten = lease.rights & UInt(Lease.write) != 0
        words.append(lend(lease.address, lease.byteCount, &memory, isReturned: isWritten))
        words += [Self.word(lease.byteCount), Self.word(lease.rights)]
      }
      registers.r9 = top
      for (place, word) in words.enumerated() {
        memory.store(word: word, at: top + UInt32(place) * 4)
      }
      top += UInt32(words.count) * 4
    }
    return registers
  }

  /// Copies a span into the task's memory; an address of 32 bits is one of the target's own, which
  /// the kernel shall judge as it is.
  private func lend(
    _ address: UInt, _ count: UInt, _ memory: inout TaskMemory, isReturned: Bool = false
  ) -> UInt32 {
    guard address > UInt(UInt32.max), let place = UnsafeMutableRawPointer(bitPattern: address)
    else {
      return Self.word(address)
    }
    let start = top
    let room = UInt(memory.bytes.count - keptBytes) - UInt(top - memory.base)
    // What is too long for any call is judged by its length; nobody reads its bytes.
    guard count <= room else { return start }
    memory.store(UnsafeRawBufferPointer(start: place, count: Int(count)), at: start)
    if isReturned { returns.append((start, place, Int(count))) }
    top += UInt32((count + 3) & ~3)
    return start
  }

  /// Gives the fiber the results, and what was written into its spans.
  private func finish(
    _ given: inout ApusRegisters, _ registers: Registers, _ memory: TaskMemory
  ) {
    for (address, place, count) in returns {
      guard let bytes = memory[address, count] else { continue }
      UnsafeMutableRawBufferPointer(start: place, count: count).copyBytes(from: bytes)
    }
    given.r4 = UInt(registers.r4)
    given.r5 = UInt(registers.r5)
    given.r6 = UInt(registers.r6)
    given.r7 = UInt(registers.r7)
    given.r8 = UInt(registers.r8)
    given.r9 = UInt(registers.r9)
    given.r10 = UInt(registers.r10)
  }

  private static func word(_ value: UInt) -> UInt32 { UInt32(truncatingIfNeeded: value) }
}
