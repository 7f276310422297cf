// SoakSupervisor/Supervisor.swift: new lives for the dead, orders for the hostile, books for the rest.
// Calls: nobody. Called by: all. It tells what it counted, and judges nothing.
//
// The host types the session's number, a seed and how many faults are enough. A line of ours: the
// session's number, the count of our lines, a letter, words. Nobody else owns the UART.

import Apus
import SoakInterface

struct Supervisor: TaskProgram {
  var link = HostLink(UART(Peripheral.uart, Image.uartDriver))
  var enough: UInt32 = 0
  var dice = Dice()
  var books = Books()
  /// Faults by kind, and all of them; restarts without a fault.
  var kinds: InlineArray<14, UInt32> = InlineArray(repeating: 0)
  var faults: UInt32 = 0
  var restarts: UInt32 = 0
  var complaints: UInt32 = 0
  var lastComplaint: UInt32 = 0
  var interrupts: UInt32 = 0
  var unpunished: UInt32 = 0
  /// The hostile task: its memory, who of its lives waits for an order, and since when it has one.
  var memory: UInt32 = 0
  var waiting = TaskID.kernel
  var ordered: UInt32 = 0
  var crimes: UInt32 = 0
  /// When the next line is due.
  var nextFaults: UInt32 = 0

  mutating func run() -> Never {
    var device = link.device
    device.enable()
    // Without interrupts: the host types three numbers, and no more.
    device.setReceiver(isOn: true)
    device.print("\r\napus soak ")
    device.print(Image.board)
    let record = Call.readResetRecord()
    link.word(record.cause)
    link.word(record.state)
    link.word(record.address)
    link.word(record.programCounter)
    device.endLine()
    link.session = number()
    dice = Dice(seed: number())
    enough = number()
    tell(0x73)
    Call.setTimer(Time.now &+ 1, notifications: Notification.timer)
    while true { next() }
  }

  // MARK: - What comes

  /// Waits for a message or a notification, and sees to it.
  private mutating func next() {
    var deposit = Deposit(customer: 0, life: 0, number: 0)
    let envelope = withUnsafeMutableBytes(of: &deposit) {
      Call.receive(into: $0, notifications: Notification.fault | Notification.timer)
    }
    guard let bits = envelope.notifications else { return take(envelope, deposit) }
    if bits & Notification.fault != 0 { restartTheDead() }
    if bits & Notification.timer != 0 { makeMischief() }
  }

  private mutating func take(_ envelope: Envelope, _ message: Deposit) {
    let client = envelope.sender
    // Whatever comes, its first word is where a deposit has its customer.
    let word = message.customer
    switch (envelope.operation, envelope.byteCount) {
    case (Entry.operation, 20) where client.index == 2: answer(client, books.enter(message))
    case (Resume.operation, 4):
      let last = books.last[Int(truncatingIfNeeded: word & 1)]
      answer(client, Resumption(number: last, life: UInt32(client.generation)))
    case (Complaint.operation, 4) where client.index != 4:
      complaints &+= 1
      lastComplaint = word
      Call.reply(to: client)
    case (Storm.operation, 4) where client.index == 1:
      interrupts &+= word
      Call.reply(to: client)
    case (Operation.hello, 4) where client.index == 4:
      memory = word
      waiting = client
    case (Operation.unpunished, 4) where client.index == 4:
      unpunished &+= 1
      waiting = client
    default: return Call.replyFault(to: client, .undefinedOperation)
    }
    // Four crimes for a deposit: the customers are to live, too.
    if client.index == 2 || crimes & 3 != 0 { giveOrder() }
  }

  private func answer(_ client: TaskID, _ words: some BitwiseCopyable) {
    withUnsafeBytes(of: words) { Call.reply(to: client, $0) }
  }

  private mutating func giveOrder() {
    guard waiting != .kernel else { return }
    let order = Order(&dice, memory: memory, desk: Call.refreshTaskID(TaskID(index: 2)))
    withUnsafeBytes(of: order) { Call.reply(to: waiting, $0) }
    waiting = .kernel
    crimes &+= 1
    ordered = UInt32(truncatingIfNeeded: Time.now)
  }

  // MARK: - Life and death

  private mutating func restartTheDead() {
    var from = 1
    while let index = Call.findFaultedTask(from: from) {
      from = index &+ 1
      if let status = Call.taskStatus(index) {
        let kind = Int(truncatingIfNeeded: status.state.rawValue &>> 8 & 0xFF)
        if kind < 14 { kinds[kind] &+= 1 }
      }
      faults &+= 1
      restart(index)
    }
    guard faults >= nextFaults else { return }
    // Any byte of the host is the word to stop, too.
    if faults >= enough || link.device.hasByte { end() }
    nextFaults = faults &+ min(1024, enough &- faults)
    tell(0x74)
  }

  private mutating func restart(_ index: Int) {
    if index == 4 { waiting = .kernel }
    Call.restartTask(index)
  }

  /// At each tick somebody dies, wherever it is just then.
  private mutating func makeMischief() {
    let now = Time.now
    Call.setTimer(now &+ 1, notifications: Notification.timer)
    let chance = dice.roll()
    let index = Int(truncatingIfNeeded: 1 &+ chance % 5)
    if chance & 0x100 == 0 {
      Call.injectFault(index)
    } else if chance & 0x200 == 0 {
      restarts &+= 1
      restart(index)
    }
    // The hostile task waits for nobody, or lets nobody else run.
    if waiting == .kernel && UInt32(truncatingIfNeeded: now) &- ordered > 2 {
      ordered = UInt32(truncatingIfNeeded: now)
      Call.injectFault(4)
    }
    if now & 0xFFF == 0 { tell(0x74) }
  }

  // MARK: - Lines

  /// The last line: from here on nobody gets another life.
  private mutating func end() -> Never {
    tell(0x65)
    while true { Call.receiveNotifications(0) }
  }

  private mutating func tell(_ letter: UInt8) {
    link.begin(letter)
    link.word(UInt32(truncatingIfNeeded: Time.now))
    link.word(faults)
    link.word(restarts)
    link.word(books.last[0])
    link.word(books.last[1])
    link.word(books.again)
    link.word(books.lost)
    link.word(books.duplicated)
    link.word(books.damaged)
    link.word(complaints)
    link.word(lastComplaint)
    link.word(interrupts)
    link.word(unpunished)
    var kind = 0
    while kind < 14 {
      link.word(kinds[kind])
      kind &+= 1
    }
    link.end()
  }

  /// The next hexadecimal number of the host's line; a space or the line's end ends it.
  private func number() -> UInt32 {
    var value: UInt32 = 0
    while true {
      while !link.device.hasByte {}
      let byte = link.device.byte
      if byte <= 0x20 { return value }
      value = value &<< 4 | UInt32(byte < 0x3A ? byte &- 0x30 : byte &- 0x57)
    }
  }
}
