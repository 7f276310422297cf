// QEMUKit/Leftovers.swift: a core as a boot loader may leave it: hardly a register has its reset value.
// It knows the architecture (DDI 0403E) and no image; the caller says where the next program begins.

/// What a boot loader leaves to the program that it starts.
public struct Leftovers: Sendable {
  /// Why no interrupt comes before the next program's second instruction.
  public enum Mask: Sendable, Equatable {
    /// One of the masks is set, and everything that can be pending is.
    case primask, basepri, faultmask
    /// Nothing is pending yet; SysTick expires after so many clocks.
    case none(clocks: UInt32)
  }

  public var mask: Mask
  /// 4 KB of RAM, aligned to its size, for the loader's code, vector table and stacks.
  public var place: UInt32
  /// The RAM that the loader's MPU lets nobody write.
  public var ram: Range<UInt32>
  public var interruptCount: Int
  public var hasFloatingPoint: Bool

  /// Describes leftovers.
  public init(
    mask: Mask, place: UInt32, ram: Range<UInt32>, interruptCount: Int, hasFloatingPoint: Bool
  ) {
    (self.mask, self.place, self.ram) = (mask, place, ram)
    (self.interruptCount, self.hasFloatingPoint) = (interruptCount, hasFloatingPoint)
  }

  /// No address, no record, no task's state: register n holds `noise | n`.
  public static let noise: UInt32 = 0xA5C3_5AC0

  /// Runs the loader on a machine that waits at its first instruction.
  ///
  /// Then the machine waits at `entry`.
  ///
  /// - Throws: `QEMUError` if the loader does not come to its end.
  public func leave(_ debugger: Debugger, _ bus: Bus, at entry: UInt32) throws {
    let (code, values) = (place + 0x80, place + 0x100)
    let loader = Self.start + (hasFloatingPoint ? Self.floatingPoint : []) + Self.rest
    let handler = code + UInt32(loader.count * 2)
    let end = handler - 2
    try debugger.setMemory(at: place, to: Self.bytes([UInt32](repeating: handler | 1, count: 32)))
    try debugger.setMemory(
      at: code, to: (loader + Self.handler).flatMap { [UInt8($0 & 255), UInt8($0 >> 8)] })
    try debugger.setMemory(at: values, to: Self.bytes(specialRegisters))
    try bus.setWord(at: 0xE000_ED08, to: place)  // VTOR
    try bus.setWord(at: 0xE000_ED24, to: 7 << 16)  // SHCSR
    if hasFloatingPoint { try bus.setWord(at: 0xE000_ED88, to: 0x00F0_0000) }  // CPACR
    try debugger.setRegister(0, to: values)
    try debugger.setRegister(13, to: place + 0x800)
    try debugger.setRegister(15, to: code)
    try debugger.setBreakpoint(at: end)
    try debugger.resume()
    guard try debugger.registers().programCounter == end else {
      throw QEMUError("the boot loader does not come to its end")
    }
    try debugger.removeBreakpoint(at: end)
    for (address, value) in words { try bus.setWord(at: address, to: value) }
    for register in Array(0...12) + [14] {
      try debugger.setRegister(register, to: Self.noise | UInt32(register))
    }
    try debugger.setRegister(15, to: entry)
  }

  // MARK: - The loader

  /// r1...r7, then s0...s31.
  private var specialRegisters: [UInt32] {
    let control: UInt32 = hasFloatingPoint ? 6 : 2  // FPCA, SPSEL
    return [
      Self.noise & 0xF7C0_009F, place + 0xC00, mask == .basepri ? 0x10 : 0xF8, control,
      mask == .primask ? 1 : 0, mask == .faultmask ? 1 : 0, 0xE000_0001,
    ] + (0..<32).map { Self.noise | $0 }
  }

  private static let start: [UInt16] = [
    0xC8FE  // ldmia r0!, {r1-r7}
  ]
  private static let floatingPoint: [UInt16] = [
    0xECB0, 0x0A20,  // vldmia r0!, {s0-s31}
    0xEEE1, 0x1A10,  // vmsr fpscr, r1
  ]
  private static let rest: [UInt16] = [
    0x47B8,  // blx r7: nothing may be executed there, and CFSR keeps that
    0xF382, 0x8809,  // msr psp, r2
    0xF383, 0x8811,  // msr basepri, r3
    0xF385, 0x8810,  // msr primask, r5
    0xF386, 0x8813,  // msr faultmask, r6
    0xF384, 0x8814,  // msr control, r4
    0xF3BF, 0x8F6F,  // isb
    0xE7FE,  // b .
  ]
  /// Goes on after the `blx`.
  private static let handler: [UInt16] = [
    0x9905,  // ldr r1, [sp, #20]
    0x3901,  // subs r1, #1
    0x9106,  // str r1, [sp, #24]
    0x4770,  // bx lr
  ]

  /// What the loader stores last: addresses of the system control space, and values.
  private var words: [(UInt32, UInt32)] {
    var words: [(UInt32, UInt32)] = [
      (0xE000_ED10, 0x16),  // SCR: SEVONPEND, SLEEPDEEP, SLEEPONEXIT
      (0xE000_ED14, 0x8),  // CCR: UNALIGN_TRP
      (0xE000_ED18, 0x0080_A0E0), (0xE000_ED1C, 0x6000_0000), (0xE000_ED20, 0x2040_0000),  // SHPR
      // The MPU: everything to everybody, but to RAM nobody may write; all other regions are noise.
      (0xE000_ED94, 0),
      (0xE000_ED9C, 0x10), (0xE000_EDA0, 0x0300_003F),
      (0xE000_ED9C, ram.lowerBound | 0x17),
      (0xE000_EDA0, 0x0600_0001 | UInt32(ram.count.trailingZeroBitCount - 1) << 1),
    ]
    for region: UInt32 in 1...6 {
      words += [(0xE000_ED9C, place | 0x10 | region), (0xE000_EDA0, 0x0300_0017)]
    }
    words.append((0xE000_ED94, 1))
    if hasFloatingPoint {
      words += [
        (0xE000_EF34, 0xC000_0001),  // FPCCR: lazy stacking, and some that is still to be done
        (0xE000_EF38, Self.noise & ~7), (0xE000_EF3C, Self.noise & 0x07C0_0000),  // FPCAR, FPDSCR
      ]
    }
    // The controller may have all lines of a word, used or not.
    for line in stride(from: 0, to: UInt32(interruptCount + 31) & ~31, by: 4) {
      words.append((0xE000_E400 + line, 0x2040_60A0))  // IPR
    }
    let isMasked = mask == .primask || mask == .basepri || mask == .faultmask
    if isMasked {
      for line in stride(from: 0, to: UInt32(interruptCount), by: 32) {
        words += [(0xE000_E100 + line / 8, ~0), (0xE000_E200 + line / 8, ~0)]  // ISER, ISPR
      }
      // SHCSR: a call and a usage fault are pending, too; ICSR: PendSV and SysTick.
      words += [(0xE000_ED24, 0x7_9000), (0xE000_ED04, 1 << 28 | 1 << 26)]
    }
    var clocks: UInt32 = 20
    if case .none(let own) = mask { clocks = own }
    words += [(0xE000_E014, clocks), (0xE000_E018, 0), (0xE000_E010, 7)]  // SysTick
    return words
  }

  private static func bytes(_ words: [UInt32]) -> [UInt8] {
    words.flatMap { word in (0..<4).map { UInt8(truncatingIfNeeded: word >> ($0 * 8)) } }
  }
}
