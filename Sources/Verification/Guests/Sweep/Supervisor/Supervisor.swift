// SweepSupervisor/Supervisor.swift: one life of the hostile task after the other, as the host wants.
// Calls: nobody. Called by: driver, hostile, witness. It tells what it sees, and the host judges.

import Apus
import CApusTrials
import SweepInterface

struct Supervisor: TaskProgram {
  var link = HostLink(UART(Peripheral.uart, Image.uartDriver))
  var recipe = Recipe()
  var trial = Trial()
  var batch = Batch()
  /// Who waits for an order, and for a count; `kernel` for nobody.
  var hostile = TaskID.kernel
  var driver = TaskID.kernel
  var isRunning = false

  mutating func run() -> Never {
    trial.isAwaited = true
    var device = link.device
    device.enable(interrupts: true)
    device.print("\r\napus sweep ")
    device.print(Image.board)
    device.endLine()
    attendLine()
    while true {
      receive()
      advance()
    }
  }

  /// The message's place in the lowest bytes of our stack, which nothing else uses.
  private var buffer: UnsafeMutableRawBufferPointer {
    UnsafeMutableRawBufferPointer(
      start: UnsafeMutableRawPointer(bitPattern: UInt(apus_trial_memory() &+ Order.offset)),
      count: Order.byteCount)
  }

  private mutating func receive() {
    let buffer = buffer
    let all = Notification.fault | Notification.line | Notification.timer
    let envelope = Call.receive(into: buffer, notifications: all)
    if let bits = envelope.notifications {
      if bits & Notification.fault != 0 { trial.posts &+= 1 }
      if bits & Notification.timer != 0 { timeOut() }
      if bits & Notification.line != 0 { attendLine() }
      return
    }
    switch envelope.sender.index {
    case Seat.driver: driver = envelope.sender
    case Seat.witness:
      trial.round = buffer.load(as: Round.self)
      trial.rounds &+= 1
      let nothing = Seen(count: 0, differences: 0)
      withUnsafeBytes(of: nothing) { Call.reply(to: envelope.sender, $0) }
    default:
      // Whatever else the hostile task sends is left without an answer.
      if trial.isAwaited && envelope.operation == Message.hello {
        hostile = envelope.sender
        trial.isAwaited = false
      }
    }
  }

  // MARK: - A trial

  /// Goes on to whatever comes next, if all for whom that waits are there.
  private mutating func advance() {
    guard isRunning else { return }
    // The alarm may be still to come: it is to meet the end of a trial, too.
    if trial.isUnderWay && trial.rounds > 0 { finish() }
    if !trial.isUnderWay && hostile != .kernel && driver != .kernel {
      if recipe.next == recipe.end { return end() }
      start()
    }
  }

  private mutating func start() {
    trial = Trial()
    trial.isUnderWay = true
    trial.place = recipe.place
    trial.task = hostile
    let alarm = recipe.alarm
    let buffer = buffer
    recipe.write(to: buffer)
    Call.post(1, to: Peer.witness)
    arm()
    Call.reply(to: hostile, UnsafeRawBufferPointer(buffer))
    hostile = .kernel
    // Last, and nothing before the next receive: the driver's count begins when we wait.
    if alarm != 0 {
      withUnsafeBytes(of: alarm) { Call.reply(to: driver, $0) }
      driver = .kernel
    }
  }

  /// A trial that is not over by then loops, or keeps others from running.
  private func arm() {
    Call.setTimer(Time.deadline(after: 2, from: Time.now), notifications: Notification.timer)
  }

  private mutating func timeOut() {
    guard trial.isUnderWay else { return }
    // A second time nobody below ran although the hostile task cannot be why.
    if trial.isLate { return complain(1, trial.rounds, recipe.alarm) }
    trial.isLate = true
    if let status = Call.taskStatus(Seat.hostile) {
      trial.outcome = outcome(status)
      renew()
    }
    arm()
  }

  /// Judges what can only be judged now, and keeps the rest for the host.
  private mutating func finish() {
    Call.setTimer(0, notifications: 0)
    trial.isUnderWay = false
    if !trial.isLate, let status = Call.taskStatus(Seat.hostile) {
      trial.outcome = outcome(status)
      let found = Call.findFaultedTask(from: 1)
      if let found, found != Seat.hostile || Call.findFaultedTask(from: Seat.witness) != nil {
        complain(2, UInt32(truncatingIfNeeded: found), 0)
      }
      renew()
    }
    if trial.rounds != 1 { complain(3, trial.rounds, 0) }
    if trial.round.seen.differences | trial.round.differences != 0 {
      complain(4, trial.round.seen.differences, trial.round.differences)
    }
    batch.add(trial)
    if batch.count == Batch.size || recipe.next == recipe.end { tellBatch() }
  }

  /// The next life, and a look at its generation.
  private mutating func renew() {
    let wanted = TaskID(index: Seat.hostile, generation: trial.task.generation &+ 1)
    trial.isAwaited = true
    Call.restartTask(Seat.hostile)
    let task = Call.taskStatus(Seat.hostile)?.task ?? .kernel
    if task != wanted { complain(5, UInt32(task.rawValue), UInt32(wanted.rawValue)) }
  }

  /// The fault's kind in the low half of a byte, 0 if there is none; above it where it happened, or
  /// what the task waited for.
  private mutating func outcome(_ status: TaskStatus) -> UInt8 {
    if status.task != trial.task {
      complain(6, UInt32(status.task.rawValue), UInt32(trial.task.rawValue))
    }
    guard status.state.isFaulted else {
      if trial.posts != 0 { complain(7, trial.posts, 0) }
      return UInt8(truncatingIfNeeded: status.state.rawValue &<< 4)
    }
    if trial.posts != 1 { complain(7, trial.posts, 1) }
    let distance = status.programCounter &- trial.place
    let where_: UInt8 = distance == 0 ? 1 : distance < 8 ? 2 : status.programCounter == 0 ? 3 : 0
    return UInt8(truncatingIfNeeded: status.state.rawValue &>> 8 & 15) | where_ &<< 4
  }

  // MARK: - The host's lines

  /// Takes a line if there is one, carries it out, and lets the next interrupt through.
  private mutating func attendLine() {
    link.device.clearInterrupts()
    while let line = link.read() { carryOut(line) }
    Call.irqControl(Notification.line, InterruptControl.enable)
  }

  private mutating func carryOut(_ words: HostLine) {
    switch words.letter {
    case 0x6C:  // l: lures
      var index = 0
      while index < 16 {
        recipe.lures[index] = words[index &+ 1]
        index &+= 1
      }
    case 0x74:  // t: registers that are not random
      recipe.fixed = words[1]
      var index = 0
      while index < 13 {
        recipe.values[index] = words[index &+ 2]
        index &+= 1
      }
    case 0x67:  // g: go
      recipe.begin(words)
      trial = Trial()
      trial.isAwaited = hostile == .kernel
      batch = Batch()
      isRunning = true
    default: break
    }
  }

  // MARK: - Our lines

  /// Everything since the last of these lines; the host compares it with the one before.
  private mutating func tellBatch() {
    link.begin(0x62)
    link.word(recipe.next)
    link.word(UInt32(trial.task.rawValue))
    link.word(trial.round.sent)
    link.word(trial.round.seen.count)
    link.word(batch.posts)
    link.word(batch.count)
    var index = 0
    while index < Batch.size / 4 {
      link.word(batch.outcomes[index])
      index &+= 1
    }
    link.end()
    batch = Batch()
  }

  /// Something happened that must not.
  private mutating func complain(_ reason: UInt32, _ first: UInt32, _ second: UInt32) {
    link.begin(0x78)
    link.word(recipe.next &- 1)
    link.word(reason)
    link.word(first)
    link.word(second)
    link.end()
  }

  private mutating func end() {
    isRunning = false
    link.begin(0x64)
    link.word(recipe.next)
    link.end()
  }
}
