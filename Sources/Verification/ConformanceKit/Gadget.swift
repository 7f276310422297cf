// ConformanceKit/Gadget.swift: the instruction sequences that a puppet can be ordered to execute.
// Data alone: the sequences themselves stand in CApusTrials.h, in this order.

/// One sequence; registers go in and come out as they are.
public enum Gadget: UInt32, Sendable {
  /// `svc #0`, with r4...r11 as the call has them.
  case call = 0
  /// Loads from r1 into r0, and stores r0 to r1.
  case loadWord, loadHalf, loadByte, storeWord, storeHalf, storeByte
  /// Branches to r1, with and without a way back.
  case callAddress, jump
  /// r1...r12 to where r0 points, and back.
  case poke, peek
  case undefined
  /// A call whose immediate is not 0.
  case callWithImmediate
  /// `msr control, r1`; r0 reads it back.
  case writeControl
  case disableInterrupts
  /// r1 to PRIMASK, FAULTMASK and BASEPRI; r0, r2 and r3 read them back.
  case writeMasks
  /// MSP to r0 and PSP to r2.
  case readStackPointers
  /// r1 to the stack pointer, r0 reads it back.
  case writeMainStack, writeProcessStack
  case readStatus
  case waitForInterrupt, waitForEvent
  case breakpoint, semihosting
  case coprocessor
  /// r1 as a return address, by `bx lr` and by `pop {pc}`.
  case returnTo, popTo
  /// r0 = r1 / r2.
  case divide
  /// From r2, which may be unaligned.
  case loadPair, loadMultiple, loadExclusive
  /// Counts r0 down to 0.
  case spin
  case spinForever
  /// Adds to r4 the words from r0 up to r1 that are not r2.
  case countDifferences
  /// Loads word by word from r0 on until refused; upwards and downwards.
  case scanUp, scanDown
  /// s0...s31 from r0 and FPSCR from r1; a call; back to r2 and r3.
  case floatingPointCall
  /// s0...s31 to r2, FPSCR to r3.
  case floatingPointRead
  case floatingPointUndefined
  /// Pushes until refused.
  case pushForever
  /// r0 calls in a row.
  case callStorm
  /// Loads the program counter from r1.
  case loadProgramCounter
  case undefinedWide
  /// s0...s31 from r0, FPSCR from r1; counts r3 down; back to r2.
  case floatingPointSpin
  /// An exclusive load from r2, a call, and the store: r3 is 1 if the store was refused.
  case exclusiveAcrossCall
  case undefinedOther
  /// r1 calls with random registers from the seed r0; r2 masks r11, r3 masks r4.
  case randomCalls
  case storeUp
  /// s0...s31 from r0, and a call.
  case floatingPointThenCall
  case enableInterrupts
  case nothing
  /// Stores r0 to r1, and waits for what comes of it.
  case storeThenSpin
}

/// The tasks of the app `conformance`, by index.
public enum Role: Int, Sendable, CaseIterable {
  case supervisor, echo, assist, victim, suite, hostile, witness, idle

  /// Those that carry out orders.
  static let puppets: [Role] = [.assist, .victim, .suite, .hostile]
}
