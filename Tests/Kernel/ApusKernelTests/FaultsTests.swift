// ApusKernelTests/FaultsTests.swift: what is recorded of a mistake, of whom, and who is told.
// Every check compares the whole world, so each says as well what must not have happened.

import ApusABI
import ApusKernel
import Testing

@testable import KernelModel

@Suite struct FaultsTests {
  @Test(
    "A fault stops the running task and records kind, address and program counter."
  )
  func record() {
    for kind in (UInt8(1)...8).compactMap({ FaultKind(rawValue: $0) }) {
      var system = System()
      system.prepare(3, 0)
      system.machine.write(word: 0x1234_5678, at: system.kernel.tasks[3].stackPointer + 24)
      system.check(door: { $0.kernel.fault(kind, address: 0xABCD, &$0.machine) }) {
        $0.stop(3, kind, address: 0xABCD, programCounter: 0x1234_5678)
      }
    }
  }

  @Test("The supervisor is woken by a fault if it waits for its bit.")
  func wakesSupervisor() {
    var system = System()
    system.call(0, .receiveNotifications, r9: 1)
    system.prepare(3, 0)
    system.check(door: { $0.kernel.fault(.memory, address: 4, &$0.machine) }) {
      $0.stop(3, .memory, address: 4)
      $0.kernel.tasks[0].pending = 0
      $0.kernel.tasks[0].registers.r4 = 0xFFFF
      $0.kernel.tasks[0].registers.r5 = 1
      $0.kernel.tasks[0].state = .runnable
    }
  }

  @Test("The program counter is 0 if a byte of the frame lies outside the task's RAM.")
  func frameOutside() {
    let ram = System().ram(3)
    let flash = System().machine.descriptors[3].flashBase
    let outside = [
      0, ram - 4, ram - 32, ram + 0x3E4, ram + 0x400, ram + 0x3DE, ram + 1, flash, 0xFFFF_FFE0,
      .max,
    ]
    for stack in outside {
      var system = System()
      system.prepare(3, 0)
      system.kernel.tasks[3].stackPointer = stack
      system.check(door: { $0.kernel.fault(.stackOverflow, address: stack, &$0.machine) }) {
        $0.stop(3, .stackOverflow, address: stack, programCounter: 0)
      }
    }
    for stack in [ram, ram + 4, ram + 0x3E0] {
      var system = System()
      system.prepare(3, 0)
      system.kernel.tasks[3].stackPointer = stack
      system.machine.write(word: 0x42, at: stack + 24)
      system.kernel.fault(.bus, address: 0, &system.machine)
      #expect(system.kernel.tasks[3].deadlineOrProgramCounter == 0x42)
    }
  }

  @Test(
    "A fault keeps what the task was doing, a second one replaces the record and keeps it, too.")
  func doubleFault() {
    var system = System()
    system.send(3, to: 1)
    system.check(0, .injectFault, r4: 3) {
      $0.stop(3, .injected)
      $0.kernel.tasks[0].registers.r4 = 0
    }
    system.check(0, .injectFault, r4: 3) {
      $0.stop(3, .injected)
      $0.kernel.tasks[0].registers.r4 = 0
    }
    #expect(system.kernel.tasks[3].state.activity == .sending)
    #expect(system.kernel.tasks[3].state.peer == system.kernel.tasks[1].id)
    #expect(system.kernel.tasks[1].senders.isEmpty)
  }

  @Test("The supervisor's own fault resets the machine and leaves a record of it.")
  func supervisorsDeath() {
    var system = System()
    system.prepare(0, 0)
    system.check(door: { $0.kernel.fault(.divideByZero, address: 0x77, &$0.machine) }) {
      $0.stop(0, .divideByZero, address: 0x77)
      $0.machine.resets = [
        ResetRecord(
          cause: .supervisorFault, state: 0x600, address: 0x77,
          programCounter: $0.machine.descriptors[0].flashBase)
      ]
    }
  }

  @Test("The supervisor's forbidden call and its panic reset the machine, too.")
  func supervisorsMisuse() {
    for (call, kind) in [(Call.panic, FaultKind.panic), (.irqControl, .usage)] {
      var system = System()
      system.call(0, call, r4: 0, r5: 0, r6: 0)
      #expect(system.machine.resets.count == 1)
      #expect(system.machine.resets.first?.state == UInt32(kind.rawValue) << 8)
    }
  }

  @Test("A panic stops the caller and keeps its text, in RAM or in flash, to 256 bytes.")
  func panic() {
    let system = System()
    let texts =
      [
        (system.outgoing(3), 256), (system.ram(3) + 0x3FF, 1), (0, 0),
        (system.machine.descriptors[3].flashBase, 0x80),
      ] as [(UInt32, UInt32)]
    for (text, length) in texts {
      var system = System()
      system.check(3, .panic, r5: text, r6: length) { $0.stop(3, .panic) }
    }
  }

  @Test(
    "A panic with a text that is too long or not the caller's has no text, and is still a panic.")
  func hostilePanic() {
    let ram = System().ram(3)
    for (text, length) in [
      (ram, 257), (ram, .max), (ram - 1, 1), (ram + 0x3FF, 2), (0, 1), (.max, 1), (ram + 0x400, 1),
    ] as [(UInt32, UInt32)] {
      var system = System()
      system.check(3, .panic, r5: text, r6: length) {
        $0.stop(3, .panic)
        $0.kernel.tasks[3].registers.r6 = 0
      }
      #expect(system.call(0, .readPanicText, r4: 3, r7: system.incoming(0), r8: 64).r5 == 0)
    }
  }
}
