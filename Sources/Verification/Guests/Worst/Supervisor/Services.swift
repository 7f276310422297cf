// WorstSupervisor/Services.swift: the supervisor's own calls, and all that hangs on time.
// The first part of the script and the last; the numbers in brackets are as in Script.swift.

import Apus
import WorstInterface

extension Supervisor {
  /// Makes a call of the supervisor's that is counted, for task `index`.
  func count(_ number: Call, _ index: UInt32) -> UInt32 {
    var order = own(number)
    order.r4 = index
    return Site.countedCall(order)
  }

  mutating func countServices() {
    let last = UInt32(truncatingIfNeeded: Self.client)
    // [s4] Nobody is stopped. [z25] A panic with a text in flash, [z26] with one that is too long.
    expect(count(.findFaultedTask, 0) == 0)
    count(
      Self.client, Call.panic.rawValue, 0, code[Self.client] &+ 1, 257, stops: true)
    var panic = call(.panic, counted: true)
    (panic.r5, panic.r6) = (code[Self.client] &+ 1, Self.byteCount)
    tell(Self.client, panic)
    // [s5] The last task is stopped. [s6] Its text. [s7] Its status.
    expect(count(.findFaultedTask, 0) == last)
    expect(count(.readPanicText, last) == 0)
    expect(count(.taskStatus, last) == 0)
    restartAll()
    // [s8] A stop of the last task, whose message waits in the supervisor's own queue.
    order(Self.client, call(.getTimer))
    sleepDeaf()
    expect(count(.injectFault, last) == 0)
    restartAll()
    // [s9] A restart of actor 1, for whose reply 29 wait, while it sends to the supervisor. [s10] It
    // is stopped instead, [s11] given up, and revived.
    awaitReplies()
    expect(count(.restartTask, 1) == 0)
    restartAll()
    awaitReplies()
    expect(count(.injectFault, 1) == 0)
    expect(count(.giveUp, 1) == 0)
    expect(Call.findFaultedTask(from: 1) == nil)
    Call.restartTask(1)
    restartAll()
    // [s12] The same when the 29 wait in its queue.
    queue(from: 2, at: 1)
    sleepAndListen()
    order(1, call(.getTimer))
    sleepDeaf()
    expect(count(.restartTask, 1) == 0)
    restartAll()
    // [s13] What the last life has left.
    _ = count(.readResetRecord, 0)
  }

  /// All other actors wait for the reply of actor 1, whose message waits in the supervisor's queue.
  private mutating func awaitReplies() {
    var actor = 2
    while actor <= Self.client {
      engage(actor, 1)
      actor &+= 1
    }
    order(1, call(.getTimer))
    sleepDeaf()
  }

  mutating func countTime() {
    let (server, client) = (Self.server, Self.client)
    // An interrupt of actor 1, which waits for it while idle runs.
    var control = call(.irqControl)
    (control.r4, control.r5) = (~0, 3)
    tell(server, control)
    var wait = call(.receiveNotifications)
    wait.r9 = ~0
    tell(server, wait)
    let timer = IntervalTimer(Peripheral.timer0, Image.timer0Driver)
    timer.start(every: 1_000)
    sleepAndListen()
    expectLife(server)
    DeviceRegister(Peripheral.timer0, 0).value = 0
    timer.clearInterrupt()
    // All timers armed. [z1] One more that is due at once; [z2] the time.
    arm(at: .max)
    var set = call(.setTimer, counted: true)
    set.r6 = 1
    tell(client, set)
    expectLife(client)
    arm(at: .max)
    count(client, Call.getTimer.rawValue)
    // A tick at which all 31 timers are due, and all 31 wait for theirs.
    let deadline = Time.now &+ 16
    arm(at: deadline)
    wait.r9 = 1 &<< 31
    for actor in 1...Self.client { order(actor, wait) }
    Call.setTimer(deadline, notifications: Notification.timer)
    Call.receiveNotifications(Notification.timer)
    expect(Time.now == deadline)
    sleepAndListen()
    expect(idlers == Self.everyone)
  }

  /// Arms every actor's timer.
  private mutating func arm(at deadline: UInt64) {
    var set = call(.setTimer)
    set.r4 = UInt32(truncatingIfNeeded: deadline)
    set.r5 = UInt32(truncatingIfNeeded: deadline &>> 32)
    set.r6 = 1 &<< 31
    for actor in 1...Self.client { order(actor, set) }
    sleepAndListen()
  }
}
