// ApusABITests/LayoutTests.swift: sizes, offsets and numbers that two sides must agree on.
// Everything is written out by hand: a constant here must never follow the source by itself.

import Testing

@testable import ApusABI

/// The words of a value of the contract, in the order of its memory.
func words<Value: BitwiseCopyable>(of value: Value) -> [UInt32] {
  withUnsafeBytes(of: value) { bytes in
    stride(from: 0, to: bytes.count, by: 4).map {
      bytes.loadUnaligned(fromByteOffset: $0, as: UInt32.self)
    }
  }
}

@Suite struct LayoutTests {
  @Test("A task descriptor is eight words in the order of the planner's table.")
  func descriptor() {
    let descriptor = TaskDescriptor(
      postable: 1, stackTop: 2, ramBase: 3, ramSize: 4, flashBase: 5, flashSize: 6, calls: 7,
      notifies: 8)
    #expect(MemoryLayout<TaskDescriptor>.size == 32)
    #expect(MemoryLayout<TaskDescriptor>.stride == 32)
    #expect(words(of: descriptor) == [1, 2, 3, 4, 5, 6, 7, 8])
  }

  @Test("A lease is three words, twelve bytes apart.")
  func lease() {
    #expect(words(of: Lease(address: 1, byteCount: 2, rights: 3)) == [1, 2, 3])
    #expect(MemoryLayout<Lease>.stride == 12)
    #expect(Lease.stride == 12)
    #expect(Lease.read == 1)
    #expect(Lease.write == 2)
  }

  @Test("A reset record is four words, and its cause stands below the mark.")
  func resetRecord() {
    let causes: [(ResetCause, UInt32)] = [
      (.cold, 0), (.requested, 1), (.supervisorFault, 2), (.kernelFault, 3),
    ]
    for (cause, code) in causes {
      let record = ResetRecord(cause: cause, state: 2, address: 3, programCounter: 4)
      #expect(words(of: record) == [0x4150_5500 + code, 2, 3, 4])
    }
    #expect(
      ResetRecord(cause: .cold)
        == ResetRecord(cause: .cold, state: 0, address: 0, programCounter: 0))
  }

  @Test("The small types take the bytes that their registers and tables give them.")
  func sizes() {
    #expect(MemoryLayout<TaskID>.size == 2)
    #expect(MemoryLayout<TaskState>.size == 4)
    #expect(MemoryLayout<TaskSet>.size == 4)
    #expect(MemoryLayout<ResponseCode>.size == 4)
    #expect(MemoryLayout<InterruptOwner>.size == 4)
    #expect(MemoryLayout<InterruptOwner>.stride == 4)
  }

  @Test("The call numbers are 0 to 23, the services from 16 on, and no other number is a call.")
  func calls() {
    let calls: [Call] = [
      .send, .receive, .receiveNotifications, .reply, .replyAndReceive, .replyFault, .setTimer,
      .getTimer, .borrowRead, .borrowWrite, .borrowInfo, .irqControl, .irqStatus, .post,
      .refreshTaskID, .panic, .taskStatus, .restartTask, .injectFault, .findFaultedTask,
      .readPanicText, .resetMachine, .readResetRecord, .giveUp,
    ]
    #expect(calls.map(\.rawValue) == Array(0...23))
    #expect(Call.last == .giveUp)
    #expect(Call.firstService == 16)
    for number: UInt32 in [24, 25, 256, 1 << 16, 1 << 31, .max] {
      #expect(Call(rawValue: number) == nil)
    }
  }

  @Test("The fault kinds, usage errors, refusals and activities keep their numbers.")
  func numbers() {
    let kinds: [FaultKind] = [
      .none, .memory, .stackOverflow, .bus, .illegalText, .illegalInstruction, .divideByZero,
      .invalidOperation, .breakpoint, .badSlice, .usage, .panic, .injected, .refused,
    ]
    #expect(kinds.map(\.rawValue) == Array(0...13))
    let errors: [UsageError] = [
      .unknownCall, .illegalTask, .notSupervisor, .tooLong, .leaseOutOfRange, .noInterrupt,
      .badSelector, .notPostable,
    ]
    #expect(errors.map(\.rawValue) == Array(1...8))
    let reasons: [RefusalReason] = [
      .undefinedOperation, .badMessageSize, .badMessageContents, .badLeases, .replyBufferTooSmall,
      .accessViolation,
    ]
    #expect(reasons.map(\.rawValue) == Array(0...5))
    let activities: [TaskActivity] = [.runnable, .receiving, .waiting, .sending, .awaitingReply]
    #expect(activities.map(\.rawValue) == Array(0...4))
  }

  @Test("The bounds and the bits of the interrupt calls are fixed.")
  func bits() {
    #expect(Limit.taskCount == 32)
    #expect(Limit.messageBytes == 256)
    #expect([InterruptControl.enable, InterruptControl.clearPending] == [1, 2])
    #expect(
      [InterruptStatus.enabled, InterruptStatus.pending, InterruptStatus.posted] == [1, 2, 4])
    #expect(faultNotification == 1)
  }
}
