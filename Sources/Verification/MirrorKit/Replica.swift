// MirrorKit/Replica.swift: the kernel on the host: the very source that the image was built from.
// Its state is carried on from event to event, and never copied from the target.

import ApusABI
import ApusCortexM
import ApusKernel
import Foundation
import KernelWatch

/// A kernel of any number of tasks.
protocol HostKernel: AnyObject {
  /// The whole state, as it lies in memory.
  var bytes: [UInt8] { get }
  /// The index of the task that runs.
  var current: Int { get }
  /// The control block of task `index`.
  func task(_ index: Int) -> ApusKernel.Task
  /// The whole state as a value of no particular size.
  var snapshot: KernelSnapshot { get }
  /// Whether the state is `bytes`, as far as these go.
  func equals(_ bytes: [UInt8]) -> Bool
  /// Takes over what the entry code saved for the running task.
  func load(_ event: Event)
  /// Serves the event.
  func serve(_ door: Event.Door, in world: World)
  /// Goes back to before the last `serve`.
  func undo()
  /// Changes one bit of the state: for the test of the test.
  func flip(bit: Int)
}

/// The kernel of `taskCount` tasks.
final class Replica<let taskCount: Int>: HostKernel {
  private var kernel = Kernel<taskCount>()
  private var before = Kernel<taskCount>()

  var bytes: [UInt8] { withUnsafeBytes(of: kernel) { Array($0) } }
  var current: Int { Int(kernel.current) }
  func task(_ index: Int) -> ApusKernel.Task { kernel.tasks[index] }
  var snapshot: KernelSnapshot {
    KernelSnapshot(
      tasks: (0..<taskCount).map { kernel.tasks[$0] }, now: kernel.now, runnable: kernel.runnable,
      armed: kernel.armed, current: Int(kernel.current))
  }

  func equals(_ bytes: [UInt8]) -> Bool {
    withUnsafeBytes(of: &kernel) { ours in
      bytes.withUnsafeBytes { theirs in
        guard let ours = ours.baseAddress, let start = theirs.baseAddress else { return false }
        return memcmp(ours, start, theirs.count) == 0
      }
    }
  }

  func load(_ event: Event) {
    kernel.tasks[event.task].registers = event.registers
    kernel.tasks[event.task].stackPointer = event.stackPointer
  }

  func serve(_ door: Event.Door, in world: World) {
    before = kernel
    let watch = KernelWatch()
    defer { withExtendedLifetime(watch) {} }
    var machine = MirrorMachine(world: world)
    switch door {
    case .boot: kernel.boot(&machine)
    case .call: kernel.call(&machine)
    case .tick: kernel.tick(&machine)
    case .interrupt(let number): kernel.interrupt(number, &machine)
    case .fault(let status, let address):
      kernel.fault(FaultStatus(rawValue: status).kind, address: address, &machine)
    }
  }

  func undo() { kernel = before }

  func flip(bit: Int) {
    withUnsafeMutableBytes(of: &kernel) { $0[bit / 8] ^= 1 << UInt8(bit % 8) }
  }
}

/// Makes a kernel before boot.
///
/// The number of tasks is part of its type: there is one for each number that an image can have.
func makeReplica(taskCount: Int) -> any HostKernel {
  switch taskCount {
  case 1: Replica<1>()
  case 2: Replica<2>()
  case 3: Replica<3>()
  case 4: Replica<4>()
  case 5: Replica<5>()
  case 6: Replica<6>()
  case 7: Replica<7>()
  case 8: Replica<8>()
  case 9: Replica<9>()
  case 10: Replica<10>()
  case 11: Replica<11>()
  case 12: Replica<12>()
  case 13: Replica<13>()
  case 14: Replica<14>()
  case 15: Replica<15>()
  case 16: Replica<16>()
  case 17: Replica<17>()
  case 18: Replica<18>()
  case 19: Replica<19>()
  case 20: Replica<20>()
  case 21: Replica<21>()
  case 22: Replica<22>()
  case 23: Replica<23>()
  case 24: Replica<24>()
  case 25: Replica<25>()
  case 26: Replica<26>()
  case 27: Replica<27>()
  case 28: Replica<28>()
  case 29: Replica<29>()
  case 30: Replica<30>()
  case 31: Replica<31>()
  default: Replica<32>()
  }
}
