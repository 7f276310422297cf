// ConformanceSupervisor/Supervisor.swift: the host's hand: passes orders on, and tells what happens.
// Calls: nobody. Called by: all. It restarts only on the host's word, and judges nothing.

import Apus
import CApus
import CApusTrials
import ConformanceInterface

struct Supervisor: TaskProgram {
  var link = HostLink(UART(Peripheral.uart, Image.uartDriver))
  /// Who waits for an order, by index; `kernel` for none.
  var waiting: InlineArray<8, UInt16> = InlineArray(repeating: 0xFFFF)
  /// How often the kernel has told of a fault since the case began.
  var faultPosts: UInt32 = 0
  /// The faults that were told already.
  var told = TaskSet.empty
  /// What a question of the host still waits for.
  var round = RoundState()

  private var memory: UInt32 { apus_trial_memory() }

  mutating func run() -> Never {
    let record = Call.readResetRecord()
    // The first life of all reads the kernel's memory before any task has been switched, and dies of
    // it: the host's debugger finds that in the record, before it breaks the second life.
    if record.cause & 0xFFFF_FF00 != ResetRecord.mark { _ = apus_load(0x2000_0000) }
    var device = link.device
    device.enable(interrupts: true)
    device.print("\r\napus conformance ")
    device.print(Image.board)
    link.word(record.cause)
    link.word(record.state)
    link.word(record.address)
    link.word(record.programCounter)
    device.endLine()
    attendLine()
    while true { next() }
  }

  /// Waits for a message or a notification, and sees to it.
  private mutating func next() {
    let buffer = bytes(Puppet.reportOffset)
    let all = Notification.fault | Notification.line | Notification.timer
    let envelope = Call.receive(into: buffer, notifications: all)
    guard let bits = envelope.notifications else { return take(envelope, buffer) }
    if bits & Notification.fault != 0 { tellFaults() }
    if bits & Notification.timer != 0 {
      round.isTimed = true
      finishRound(isLate: !round.isBack)
    }
    if bits & Notification.line != 0 { attendLine() }
  }

  /// The trial's memory at `offset`, 64 bytes.
  private func bytes(_ offset: UInt32) -> UnsafeMutableRawBufferPointer {
    // The lowest bytes of our own stack, which nothing else uses: see CApusTrials.h.
    UnsafeMutableRawBufferPointer(
      start: UnsafeMutableRawPointer(bitPattern: UInt(memory &+ offset)),
      count: Int(truncatingIfNeeded: Puppet.byteCount))
  }

  /// A puppet's or the witness's message.
  private mutating func take(_ envelope: Envelope, _ buffer: UnsafeMutableRawBufferPointer) {
    let index = envelope.sender.index
    if envelope.operation == Message.round {
      round.sent = buffer.load(as: UInt32.self)
      round.echoed = buffer.load(fromByteOffset: 4, as: UInt32.self)
      Call.reply(to: envelope.sender, UnsafeRawBufferPointer(start: buffer.baseAddress, count: 4))
      round.isBack = true
      return finishRound(isLate: false)
    }
    waiting[index & 7] = envelope.sender.rawValue
    if envelope.operation == Message.hello {
      link.begin(0x68)
      link.word(UInt32(envelope.sender.rawValue))
      link.end()
    } else {
      tellReport(UInt32(truncatingIfNeeded: index))
    }
  }

  private mutating func tellReport(_ index: UInt32) {
    link.begin(0x72)
    link.word(index)
    words(memory &+ Puppet.reportOffset, 15)
  }

  /// Tells of every faulted task once.
  private mutating func tellFaults() {
    faultPosts &+= 1
    var next = 1
    while let index = Call.findFaultedTask(from: next) {
      next = index &+ 1
      guard !told.contains(index) else { continue }
      told.insert(index)
      tellStatus(0x66, index)
    }
  }

  private mutating func tellStatus(_ letter: UInt8, _ index: Int) {
    link.begin(letter)
    link.word(UInt32(truncatingIfNeeded: index))
    if let status = Call.taskStatus(index) {
      link.word(UInt32(status.task.rawValue))
      link.word(status.state.rawValue)
      link.word(status.detail)
      link.word(status.address)
      link.word(status.programCounter)
    }
    link.end()
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
    case 0x6F: order(words)  // o: an order
    case 0x73: tellStatus(0x73, Int(truncatingIfNeeded: words[1]))  // s: status
    case 0x62: startRound(ticks: 0)  // b: until everybody waits
    case 0x71: startRound(ticks: 2)  // q: and until two ticks have passed
    case 0x6E: restartAll()  // n: new lives
    case 0x77: restart(Int(truncatingIfNeeded: words[1]), words[2])  // w: many new lives of one
    case 0x6D:  // m: our own memory
      link.begin(0x6D)
      self.words(words[1], words[2])
    default: break
    }
  }

  /// Gives a waiting puppet its order; index 0 is ourselves.
  private mutating func order(_ words: HostLine) {
    let index = Int(truncatingIfNeeded: words[1] & 7)
    let buffer = bytes(Puppet.orderOffset)
    var place = 0
    while place < 16 {
      buffer.storeBytes(of: words[place &+ 2], toByteOffset: place &* 4, as: UInt32.self)
      place &+= 1
    }
    if index == 0 {
      apus_trial()
      return tellReport(0)
    }
    let client = TaskID(rawValue: waiting[index])
    waiting[index] = TaskID.kernel.rawValue
    if client == .kernel {
      link.begin(0x78)
      link.word(words[1])
      return link.end()
    }
    Call.reply(to: client, UnsafeRawBufferPointer(buffer))
  }

  /// New lives for all puppets, and nothing left of the last case.
  private mutating func restartAll() {
    link.begin(0x6E)
    link.end()
    faultPosts = 0
    told = .empty
    var index = 2
    while index < 6 {
      restart(index, 1)
      index &+= 1
    }
  }

  private mutating func restart(_ index: Int, _ count: UInt32) {
    var rest = count
    waiting[index & 7] = TaskID.kernel.rawValue
    told.remove(index & 7)
    while rest > 0 {
      Call.restartTask(index)
      rest &-= 1
    }
  }

  // MARK: - Rounds

  /// Sends the witness round; it is back when everybody else waits.
  private mutating func startRound(ticks: UInt32) {
    round.isBack = false
    round.isTimed = ticks == 0
    round.isAsked = true
    round.start = UInt32(truncatingIfNeeded: Time.now)
    let patience: UInt32 = ticks == 0 ? 60 : ticks
    Call.setTimer(
      Time.deadline(after: patience, from: Time.now), notifications: Notification.timer)
    Call.post(1, to: Call.refreshTaskID(Peer.witness))
  }

  /// Answers when the round is over, or when somebody does not let the witness run.
  private mutating func finishRound(isLate: Bool) {
    guard round.isAsked else { return }
    guard isLate || round.isBack && round.isTimed else { return }
    if isLate && !round.isPatient {
      round.isPatient = true
      return Call.setTimer(
        Time.deadline(after: 60, from: Time.now), notifications: Notification.timer)
    }
    round.isAsked = false
    round.isPatient = false
    Call.setTimer(0, notifications: 0)
    link.begin(0x62)
    link.word(UInt32(truncatingIfNeeded: Time.now) &- round.start)
    link.word(faultPosts)
    link.word(round.sent)
    link.word(round.echoed)
    link.word(isLate ? 1 : 0)
    link.end()
  }

  // MARK: - Our lines

  /// Words from our own memory, and the line's end.
  private mutating func words(_ address: UInt32, _ count: UInt32) {
    var next = address
    var rest = count
    while rest > 0 {
      link.word(apus_load(next))
      next &+= 4
      rest &-= 1
    }
    link.end()
  }
}

/// What a round of the witness still waits for.
struct RoundState {
  var isAsked = false
  var isBack = false
  var isTimed = false
  var isPatient = false
  var start: UInt32 = 0
  var sent: UInt32 = 0
  var echoed: UInt32 = 0
}
