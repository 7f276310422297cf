// ApusKernelTests/ServicesTests.swift: what the supervisor may ask, and that nobody else may.
// A bad argument is a code; no test here but those of misuse and reset may see a fault.

import ApusABI
import ApusKernel
import Testing

@testable import KernelModel

@Suite struct ServicesTests {
  static let services: [Call] = [
    .taskStatus, .restartTask, .injectFault, .findFaultedTask, .readPanicText, .resetMachine,
    .readResetRecord,
  ]

  @Test("A service asked for by anyone else faults the caller and does nothing.")
  func notSupervisor() {
    for service in Self.services {
      for caller in 1...4 {
        var system = System()
        system.check(caller, service, r4: 2, r7: 0, r8: 0) { $0.stop(caller, .notSupervisor) }
      }
    }
  }

  @Test("An index that names no task is answered with the code for a bad argument, never a fault.")
  func noTask() {
    for service in [Call.taskStatus, .restartTask, .injectFault, .readPanicText] {
      for index: UInt32 in [6, 31, 32, 33, 0x1_0002, 0x8000_0001, .max] {
        var system = System()
        system.check(0, service, r4: index, r7: 0, r8: .max) {
          $0.kernel.tasks[0].registers.r4 = 2
        }
      }
    }
  }

  @Test("Supervisor and idle cannot be stopped or restarted.")
  func untouchable() {
    for service in [Call.restartTask, .injectFault] {
      for index in [0, UInt32(System.idle)] {
        var system = System()
        system.check(0, service, r4: index) { $0.kernel.tasks[0].registers.r4 = 2 }
      }
    }
  }

  @Test("taskStatus answers life, state and fault words of every task and changes nothing else.")
  func status() {
    var system = System()
    system.call(0, .restartTask, r4: 3)
    system.engage(4, with: 1)
    system.call(3, .irqStatus, r4: 0)
    for index in 0..<6 {
      let task = system.kernel.tasks[index]
      system.check(0, .taskStatus, r4: UInt32(index)) {
        $0.kernel.tasks[0].registers.r4 = 0
        $0.kernel.tasks[0].registers.r5 = task.life
        $0.kernel.tasks[0].registers.r6 = task.state.rawValue
        $0.kernel.tasks[0].registers.r7 = task.timerBitsOrDetail
        $0.kernel.tasks[0].registers.r8 = task.deadlineOrAddress
        $0.kernel.tasks[0].registers.r9 = task.deadlineOrProgramCounter
      }
    }
    let stopped = system.call(0, .taskStatus, r4: 3)
    #expect([stopped.r5, stopped.r6, stopped.r7, stopped.r8] == [35, 0xA00, 6, 0])
    #expect(stopped.r9 == system.machine.descriptors[3].flashBase)
  }

  @Test("findFaultedTask answers the first stopped task from the index on, or 0.")
  func find() {
    var system = System()
    system.inject(2)
    system.inject(4)
    let answers: [(UInt32, UInt32)] = [
      (0, 2), (1, 2), (2, 2), (3, 4), (4, 4), (5, 0), (6, 0), (31, 0), (32, 0), (33, 0),
      (0x8000_0000, 0), (.max, 0),
    ]
    for (first, found) in answers {
      system.check(0, .findFaultedTask, r4: first) { $0.kernel.tasks[0].registers.r4 = found }
    }
  }

  @Test("readPanicText copies what fits of a panic's text and tells how much.")
  func panicText() {
    for (length, capacity) in [(0, 8), (1, 1), (8, 7), (8, 8), (8, 9), (256, 256), (256, 0x280)]
      as [(UInt32, UInt32)]
    {
      var system = System()
      system.call(3, .panic, r5: system.outgoing(3), r6: length)
      let buffer = system.ram(0)
      let count = min(length, capacity)
      system.check(0, .readPanicText, r4: 3, r7: buffer, r8: capacity) {
        $0.machine.write($0.machine.read($0.outgoing(3), count) ?? [], at: buffer)
        $0.kernel.tasks[0].registers.r4 = 0
        $0.kernel.tasks[0].registers.r5 = count
      }
    }
  }

  @Test("readPanicText of a task that did not panic, or into a bad buffer, is a bad argument.")
  func noPanicText() {
    var system = System()
    system.inject(2)
    for index in UInt32(0)..<6 {
      system.check(0, .readPanicText, r4: index, r7: system.incoming(0), r8: 64) {
        $0.kernel.tasks[0].registers.r4 = 2
      }
    }
    system.call(3, .panic, r5: system.outgoing(3), r6: 8)
    let ram = system.ram(0)
    for (buffer, capacity) in [
      (ram - 1, 8), (ram + 0x3FF, 2), (0, 1), (ram, .max), (system.ram(1), 8),
      (system.machine.descriptors[0].flashBase, 8),
    ] as [(UInt32, UInt32)] {
      system.check(0, .readPanicText, r4: 3, r7: buffer, r8: capacity) {
        $0.kernel.tasks[0].registers.r4 = 2
      }
    }
  }

  @Test("A panic's text is gone once another fault has replaced the record.")
  func replacedPanic() {
    var system = System()
    system.call(3, .panic, r5: system.outgoing(3), r6: 8)
    system.inject(3)
    #expect(system.call(0, .readPanicText, r4: 3, r7: system.incoming(0), r8: 8).r4 == 2)
  }

  @Test("injectFault stops a task in any state.")
  func inject() {
    for state in RestartTests.states.prefix(5) {
      var system = System()
      state(&system)
      system.check(0, .injectFault, r4: 2) {
        $0.stop(2, .injected)
        $0.kernel.tasks[0].registers.r4 = 0
      }
    }
  }

  @Test("resetMachine resets with the cause 'requested'; readResetRecord reads what is left.")
  func reset() {
    var system = System()
    system.check(0, .resetMachine) {
      $0.machine.resets = [
        ResetRecord(cause: .requested, state: 0, address: 0, programCounter: 0)
      ]
    }
    system.machine.remembered = ResetRecord(
      cause: .kernelFault, state: 2, address: 3, programCounter: 4)
    system.check(0, .readResetRecord) {
      $0.kernel.tasks[0].registers.r4 = 0x4150_5503
      $0.kernel.tasks[0].registers.r5 = 2
      $0.kernel.tasks[0].registers.r6 = 3
      $0.kernel.tasks[0].registers.r7 = 4
    }
  }
}
