// ApusKernelTests/TaskTests.swift: the control block's layout, which the port's assembly knows.
// The numbers are written out: they must not follow the source by themselves.

import ApusABI
import Testing

@testable import ApusKernel
@testable import KernelModel

@Suite struct TaskTests {
  @Test("A task is 64 bytes: registers first, the stack pointer at 32, every word in its place.")
  func layout() {
    typealias Task = ApusKernel.Task
    #expect(MemoryLayout<Task>.size == 64)
    #expect(MemoryLayout<Task>.stride == 64)
    #expect(MemoryLayout<Task>.offset(of: \.registers) == 0)
    #expect(MemoryLayout<Task>.offset(of: \.stackPointer) == 32)
    #expect(MemoryLayout<Task>.offset(of: \.pending) == 36)
    #expect(MemoryLayout<Task>.offset(of: \.deadlineOrAddress) == 40)
    #expect(MemoryLayout<Task>.offset(of: \.deadlineOrProgramCounter) == 44)
    #expect(MemoryLayout<Task>.offset(of: \.timerBitsOrDetail) == 48)
    #expect(MemoryLayout<Task>.offset(of: \.state) == 52)
    #expect(MemoryLayout<Task>.offset(of: \.life) == 56)
    #expect(MemoryLayout<Task>.offset(of: \.senders) == 60)
  }

  @Test("The registers are r4 to r11, in this order.")
  func registers() {
    let order: [PartialKeyPath<Registers>] = [
      \.r4, \.r5, \.r6, \.r7, \.r8, \.r9, \.r10, \.r11,
    ]
    #expect(MemoryLayout<Registers>.size == 32)
    #expect(order.map { MemoryLayout<Registers>.offset(of: $0) } == [0, 4, 8, 12, 16, 20, 24, 28])
  }

  @Test("The kernel begins with its tasks and adds twenty bytes to them.")
  func kernel() {
    #expect(MemoryLayout<Kernel<6>>.offset(of: \.tasks) == 0)
    #expect(MemoryLayout<Kernel<6>>.offset(of: \.current) == 6 * 64 + 16)
    #expect(MemoryLayout<Kernel<6>>.size == 6 * 64 + 20)
    #expect(MemoryLayout<Kernel<32>>.size == 32 * 64 + 20)
  }

  @Test("Zero is the reset value of everything.")
  func zero() {
    withUnsafeBytes(of: Kernel<4>()) { bytes in
      #expect(bytes.allSatisfy { $0 == 0 })
    }
    #expect(ApusKernel.Task().state == .runnable)
  }

  @Test("The identifier is the low half of life, and the dead code names its generation.")
  func identifier() {
    var task = ApusKernel.Task()
    task.life = 0x12_0000 | 2047 << 5 | 3
    #expect(task.id == TaskID(index: 3, generation: 2047))
    #expect(task.deadCode == 0xFFFF_FFFF)
  }
}
