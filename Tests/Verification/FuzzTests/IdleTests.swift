// FuzzTests/IdleTests.swift: there is always a task to run, and it is the right one.
// Calls are chosen to hit idle: its index, its identifier, its bit in every mask.

import ApusABI
import ApusKernel
import Testing

@Suite struct IdleTests {
  /// A machine that only says where tasks lie; nothing is moved and nothing is read.
  struct BareMachine: Machine {
    static let taskCount = 4
    var resetCount = 0

    func descriptor(_ index: Int) -> TaskDescriptor {
      // The manifest cannot name idle, so no mask has its bit: 31 - 3 = 28.
      let all: UInt32 = 0xE000_0000
      return TaskDescriptor(
        postable: ~0, stackTop: 0x2000_0400 + UInt32(index) * 0x400,
        ramBase: 0x2000_0000 + UInt32(index) * 0x400, ramSize: 0x400,
        flashBase: UInt32(index) * 0x100, flashSize: 0x100,
        calls: index == 3 ? 0 : all & ~(all >> UInt32(index)), notifies: index == 3 ? 0 : all)
    }
    var interruptCount: Int { 1 }
    func interruptOwner(_ row: Int) -> InterruptOwner { InterruptOwner(number: 0, task: 1, bit: 0) }
    func mask(_ number: UInt32) {}
    func unmask(_ number: UInt32) {}
    func clearPending(_ number: UInt32) {}
    func status(_ number: UInt32) -> UInt32 { 0 }
    func copy(from source: UInt32, to destination: UInt32, count: UInt32) {}
    func word(at address: UInt32) -> UInt32 { address }
    func firstFrame(_ index: Int) -> UInt32 { descriptor(index).stackTop - 32 }
    mutating func reset(_ record: ResetRecord) { resetCount += 1 }
    func resetRecord() -> ResetRecord { ResetRecord(cause: .cold) }
  }

  /// What must hold at every moment.
  private func isRight(_ kernel: Kernel<4>) -> Bool {
    let idle = kernel.tasks[3]
    let best = (0..<4).first { kernel.tasks[$0].state == .runnable }
    return idle.state == .runnable && idle.life == 3 && idle.senders.isEmpty && idle.pending == 0
      && kernel.runnable.contains(3) && !kernel.armed.contains(3)
      && best.map(UInt32.init) == kernel.current
  }

  @Test("Idle can run at every moment, whatever the others and the supervisor do.")
  func always() {
    var machine = BareMachine()
    var booted = Kernel<4>()
    booted.boot(&machine)
    // Words that name idle as index, identifier, bit, reason or code, and some that do not.
    let words: [UInt32] = [0, 1, 2, 3, 0x10003, 0x50003, 35, 0xFFFF, .max, 0x1000_0000]
    var kernels = [booted]
    var visited = 0
    // Three calls deep, from each state the first of every kind.
    for _ in 0..<3 {
      var next: [Kernel<4>] = []
      for kernel in kernels {
        for number in UInt32(0)...23 {
          for word in words {
            for mask in [0, UInt32.max] {
              var copy = kernel
              if copy.current == 3 { copy.tick(&machine) }
              guard copy.current != 3 else { continue }
              let caller = Int(copy.current)
              copy.tasks[caller].registers = registers(number, word, mask)
              let resets = machine.resetCount
              copy.call(&machine)
              // A machine that is being reset has no next moment.
              if machine.resetCount > resets { continue }
              visited += 1
              #expect(isRight(copy), "task \(caller) calls \(number), r4 \(word), r9 \(mask)")
              copy.interrupt(0, &machine)
              copy.tick(&machine)
              #expect(isRight(copy))
              if word == words[Int(number) % words.count] { next.append(copy) }
            }
          }
        }
      }
      kernels = Array(next.prefix(48))
    }
    #expect(visited > 10_000)
  }

  private func registers(_ number: UInt32, _ word: UInt32, _ mask: UInt32) -> Registers {
    var registers = Registers()
    (registers.r4, registers.r5, registers.r6) = (word, mask, 0)
    (registers.r9, registers.r11) = (mask, number)
    return registers
  }
}
