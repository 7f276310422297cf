// WorstSupervisor/Supervisor.swift: brings about, one after the other, the situations in which each
// way into the kernel takes longest. `WorstSituations` in BenchKit lists them in the same order.
// Calls: none. Called by: all. Notifications: fault, timer. Nothing here is measured from inside.

import Apus
import CApus
import CApusMisdeeds
import WorstInterface

struct Supervisor: TaskProgram {
  /// The actors by index, 1 the most important; the kernel's idle task follows the last.
  static var server: Int { 1 }
  static var client: Int { Image.taskCount &- 2 }
  /// All actors as bits.
  static var everyone: UInt32 { (2 &<< UInt32(truncatingIfNeeded: client)) &- 2 }

  /// The addresses of each actor's room and code, as its greeting told.
  var room = InlineArray<31, UInt32>(repeating: 0)
  var code = InlineArray<31, UInt32>(repeating: 0)
  /// The actors that have greeted and wait for an order, one bit each.
  var idlers: UInt32 = 0
  /// Where the supervisor itself receives and sends: at odd addresses from here.
  var memory: UInt32 = 0

  mutating func run() -> Never {
    if Call.readResetRecord().cause & 0xFF == UInt32(ResetCause.requested.rawValue) {
      apus_misdeed_illegal()  // A fault of the supervisor, which resets the machine.
    }
    var buffer = InlineArray<160, UInt32>(repeating: 0)
    withUnsafeMutableBytes(of: &buffer) {
      memory = UInt32(truncatingIfNeeded: UInt(bitPattern: $0.baseAddress)) &+ 1
      sleepAndListen()
      countTime()
      countMessages()
      countQueues()
      countLeases()
      countTheRest()
      countFaults()
      countServices()
      var reset = Order(Order.Kind.count, Call.resetMachine.rawValue)
      reset.r4 = 0
      Site.countedCall(reset)
    }
    fatalError()
  }

  // MARK: - What the script is made of

  /// Lets the others run until all of them wait; takes greetings and answers all else.
  ///
  /// The next tick is far away: it was a tick that woke the supervisor, which took little time since.
  mutating func sleepAndListen() {
    Call.setTimer(Time.now &+ 1, notifications: Notification.timer)
    while true {
      let message = apus_receive(
        UInt(Call.receive.rawValue), UInt(memory), UInt(Place.byteCount),
        UInt(Notification.fault | Notification.timer))
      let sender = UInt32(truncatingIfNeeded: UInt(message.sender))
      if sender & 0xFFFF == UInt32(TaskID.kernel.rawValue) {
        let bits = UInt32(truncatingIfNeeded: UInt(message.byteCount))
        if bits & Notification.timer != 0 { return }
      } else if sender &>> 16 == 0 {
        let index = Int(truncatingIfNeeded: sender & 31)
        room[index] = word(at: memory)
        code[index] = word(at: memory &+ 4)
        idlers |= 1 &<< (sender & 31)
      } else {
        apus_reply(UInt(Call.reply.rawValue), UInt(sender & 0xFFFF), 0, 0)
      }
    }
  }

  /// Lets the others run until all of them wait, and hears nobody.
  func sleepDeaf() {
    Call.setTimer(Time.now &+ 1, notifications: Notification.timer)
    Call.receiveNotifications(Notification.timer)
  }

  /// Gives an order to an actor that waits for one; it is carried out when the supervisor sleeps.
  mutating func order(_ actor: Int, _ order: Order) {
    let bit: UInt32 = 1 &<< UInt32(truncatingIfNeeded: actor)
    expect(idlers & bit != 0)
    idlers &= ~bit
    var order = order
    withUnsafeBytes(of: &order) {
      Call.reply(to: id(actor), UnsafeRawBufferPointer($0))
    }
  }

  /// The same, carried out before this returns.
  mutating func tell(_ actor: Int, _ order: Order) {
    self.order(actor, order)
    sleepAndListen()
  }

  /// The actor is stopped, as the situation wants it; it gets a new life.
  mutating func expectFault(_ actor: Int) {
    expect(Call.taskStatus(actor)?.state.isFaulted == true)
    Call.restartTask(actor)
    idlers &= ~(1 &<< UInt32(truncatingIfNeeded: actor))
  }

  /// The actor has greeted again.
  func expectLife(_ actor: Int) {
    expect(idlers &>> UInt32(truncatingIfNeeded: actor) & 1 == 1)
  }

  /// A script that goes wrong stops for good: then no count comes to its end, and none is believed.
  @inline(never)
  func expect(_ isTrue: Bool) {
    if isTrue { return }
    while true { Call.receiveNotifications(1 &<< 31) }
  }

  /// New lives for all that were stopped.
  mutating func restartAll() {
    while let index = Call.findFaultedTask(from: 1) { expectFault(index) }
    sleepAndListen()
    expect(idlers == Self.everyone)
  }

  func id(_ index: Int) -> TaskID { Call.refreshTaskID(TaskID(index: index)) }

  func word(at address: UInt32) -> UInt32 {
    // `memory` and what follows are the buffer in `run`.
    unsafe UnsafeRawPointer(bitPattern: UInt(address)).unsafelyUnwrapped
      .loadUnaligned(as: UInt32.self)
  }
}
