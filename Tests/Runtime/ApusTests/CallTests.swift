// ApusTests/CallTests.swift: each call puts its words where the table in ApusABI says, and reads
// its results from there. Addresses are those of the host, so they are compared as they are.

import Apus
import CApus
import Testing

@Suite struct CallTests {
  let host = HostCalls()
  let peer = TaskID(index: 3, generation: 5)

  @Test("send: r4 target and operation, r5-r8 the slices, r10 no leases; r4 code, r5 length.")
  func send() {
    let message: [UInt8] = [1, 2, 3]
    var room: [UInt8] = [0, 0, 0, 0, 0]
    host.answer = {
      $0.r4 = 7
      $0.r5 = 2
    }
    let answer = message.withUnsafeBytes { message in
      room.withUnsafeMutableBytes { room in
        let answer = host.run {
          Call.send(message, operation: 0x1234, to: peer, reply: room)
        }
        #expect(host.made[0].r5 == UInt(bitPattern: message.baseAddress))
        #expect(host.made[0].r7 == UInt(bitPattern: room.baseAddress))
        return answer
      }
    }
    let made = host.made[0]
    #expect(made.r4 == 0x1234 << 16 | 5 << 5 | 3)
    #expect(made.r6 == 3 && made.r8 == 5 && made.r10 == 0 && made.r11 == 0)
    #expect(answer.code == ResponseCode(rawValue: 7) && answer.byteCount == 2)
  }

  @Test("send with loans: r9 the table, r10 how many; an entry is address, length, rights.")
  func sendLeases() {
    var lent: [UInt8] = [9, 9]
    lent.withUnsafeMutableBytes { lent in
      let loans = [Loan(reading: UnsafeRawBufferPointer(lent)), Loan(writing: lent)]
      loans.withUnsafeBufferPointer { loans in
        let empty = UnsafeMutableRawBufferPointer(start: nil, count: 0)
        _ = host.run {
          Call.send(
            UnsafeRawBufferPointer(empty), operation: 1, to: peer, reply: empty, lending: loans)
        }
        #expect(host.made[0].r9 == UInt(bitPattern: loans.baseAddress) && host.made[0].r10 == 2)
      }
      #expect(loans[0].address == UInt(bitPattern: lent.baseAddress) && loans[0].byteCount == 2)
      #expect(loans[0].rights == 1 && loans[1].rights == 2)
    }
  }

  @Test("receive: r7, r8 buffer, r9 mask; the sender's word splits into task and operation.")
  func receive() {
    var room: [UInt8] = [0, 0]
    host.answer = {
      $0.r4 = 0x0042_0000 | 6
      $0.r5 = 2
      $0.r6 = 11
      $0.r10 = 1
    }
    let envelope = room.withUnsafeMutableBytes { room in
      host.run { Call.receive(into: room, notifications: 0x8000_0001) }
    }
    let made = host.made[0]
    #expect(made.r8 == 2 && made.r9 == 0x8000_0001 && made.r11 == 1)
    #expect(envelope.sender == TaskID(index: 6) && envelope.operation == 0x42)
    #expect(envelope.byteCount == 2 && envelope.replyCapacity == 11 && envelope.leaseCount == 1)
    #expect(envelope.notifications == nil)
  }

  @Test("A received notification is told from a message by its sender, the kernel.")
  func receiveNotification() {
    host.answer = {
      $0.r4 = UInt(TaskID.kernel.rawValue)
      $0.r5 = 0x8000_0000
    }
    let envelope = host.run {
      Call.receive(into: UnsafeMutableRawBufferPointer(start: nil, count: 0), notifications: ~0)
    }
    #expect(envelope.notifications == 0x8000_0000)
  }

  @Test("receiveNotifications: r9 mask; the bits come back from r5.")
  func receiveNotifications() {
    host.answer = { $0.r5 = 4 }
    #expect(host.run { Call.receiveNotifications(6) } == 4)
    #expect(host.made[0].r9 == 6 && host.made[0].r11 == 2)
  }

  @Test("reply and replyAndReceive carry the client with the code above it, and the reply's slice.")
  func reply() {
    let message: [UInt8] = [1, 2, 3, 4]
    var room: [UInt8] = [0]
    message.withUnsafeBytes { message in
      room.withUnsafeMutableBytes { room in
        host.run {
          Call.reply(to: peer, code: 2, message)
          _ = Call.replyAndReceive(to: peer, code: 2, message, into: room, notifications: 8)
          Call.reply(to: peer, code: 3)
        }
        let address = UInt(bitPattern: message.baseAddress)
        for made in host.made.prefix(2) {
          #expect(made.r4 == 2 << 16 | UInt(peer.rawValue) && made.r5 == address && made.r6 == 4)
        }
        #expect(host.made[1].r7 == UInt(bitPattern: room.baseAddress) && host.made[1].r8 == 1)
      }
    }
    #expect(host.made.map(\.r11) == [3, 4, 3])
    #expect(host.made[1].r9 == 8 && host.made[2].r6 == 0)
  }

  @Test("replyFault: r4 client and reason.")
  func replyFault() {
    host.run { Call.replyFault(to: peer, .badLeases) }
    #expect(host.onlyCall[0] == 3 << 16 | UInt(peer.rawValue) && host.onlyCall[7] == 5)
  }

  @Test("setTimer and getTimer split a tick into halves, low word first.")
  func timer() {
    host.answer = {
      guard $0.r11 == 7 else { return }
      $0.r4 = 1
      $0.r5 = 2
      $0.r6 = 3
      $0.r7 = 4
      $0.r8 = 5
    }
    host.run {
      Call.setTimer(0x0000_0002_FFFF_FFFF, notifications: 9)
      let expected = TimerState(
        now: 0x2_0000_0001, deadline: 0x4_0000_0003, notifications: 5)
      #expect(Call.getTimer() == expected)
    }
    #expect(Array(host.made[0].words.prefix(3)) == [0xFFFF_FFFF, 2, 9])
    #expect(host.made.map(\.r11) == [6, 7])
  }

  @Test("Borrows: r4 lender and lease, r5, r6 own slice, r7 offset; r4 code, r5 bytes.")
  func borrow() {
    var own: [UInt8] = [0, 0]
    host.answer = {
      $0.r4 = 1
      $0.r5 = 0
    }
    own.withUnsafeMutableBytes { own in
      host.run {
        #expect(Call.borrowRead(from: peer, lease: 2, offset: 77, into: own).code == .defect)
        _ = Call.borrowWrite(to: peer, lease: 2, offset: 77, UnsafeRawBufferPointer(own))
        #expect(Call.borrowInfo(from: peer, lease: 2) == nil)
      }
      for made in host.made.prefix(2) {
        #expect(made.r5 == UInt(bitPattern: own.baseAddress) && made.r6 == 2 && made.r7 == 77)
      }
    }
    #expect(host.made.allSatisfy { $0.r4 == 2 << 16 | UInt(peer.rawValue) })
    #expect(host.made.map(\.r11) == [8, 9, 10])
  }

  @Test("borrowInfo answers length and rights.")
  func borrowInfo() {
    host.answer = {
      $0.r4 = 0
      $0.r5 = 40
      $0.r6 = 3
    }
    #expect(
      host.run { Call.borrowInfo(from: peer) } == LeaseInfo(byteCount: 40, rights: 3))
  }

  @Test("irqControl, irqStatus, post and refreshTaskID use r4 and r5, and answer in r4.")
  func smallCalls() {
    host.answer = { $0.r4 = 4 }
    host.run {
      Call.irqControl(2, InterruptControl.enable)
      #expect(Call.irqStatus(2) == InterruptStatus.posted)
      #expect(Call.post(6, to: peer) == ResponseCode(rawValue: 4))
      #expect(Call.refreshTaskID(peer) == TaskID(rawValue: 4))
    }
    #expect(host.made.map(\.r11) == [11, 12, 13, 14])
    #expect(host.made.map(\.r4) == [2, 2, UInt(peer.rawValue), UInt(peer.rawValue)])
    #expect(host.made[0].r5 == 1 && host.made[2].r5 == 6)
  }

  @Test("taskStatus reads r5...r9; a code other than 0 means there is no such task.")
  func taskStatus() {
    host.answer = {
      ($0.r4, $0.r5, $0.r6, $0.r7, $0.r8, $0.r9) = (0, 3 << 5 | 2, 0x0100, 5, 6, 7)
    }
    let expected = TaskStatus(
      task: TaskID(index: 2, generation: 3), state: .runnable.faulted(.memory), detail: 5,
      address: 6, programCounter: 7)
    #expect(host.run { Call.taskStatus(2) } == expected)
    host.answer = { $0.r4 = 2 }
    #expect(host.run { Call.taskStatus(31) } == nil)
    #expect(host.made.map(\.r11) == [16, 16] && host.made[1].r4 == 31)
  }

  @Test("The services: index in r4; find answers nil for 0; the panic's text stands at r7.")
  func services() {
    var room: [UInt8] = [0, 0, 0]
    host.answer = { if $0.r11 == 19 { $0.r4 = $0.r4 == 1 ? 5 : 0 } }
    room.withUnsafeMutableBytes { room in
      host.run {
        Call.restartTask(4)
        Call.injectFault(4)
        #expect(Call.findFaultedTask(from: 1) == 5)
        #expect(Call.findFaultedTask(from: 6) == nil)
        _ = Call.readPanicText(4, into: room)
      }
      #expect(host.made[4].r7 == UInt(bitPattern: room.baseAddress) && host.made[4].r8 == 3)
    }
    #expect(host.made.map(\.r11) == [17, 18, 19, 19, 20])
    #expect(host.made.map(\.r4) == [4, 4, 1, 6, 4])
  }

  @Test("readResetRecord reads the record's words from r4...r7.")
  func resetRecord() {
    host.answer = { ($0.r4, $0.r5, $0.r6, $0.r7) = (0x4150_5502, 1, 2, 3) }
    let record = host.run { Call.readResetRecord() }
    #expect(
      record
        == ResetRecord(cause: .supervisorFault, state: 1, address: 2, programCounter: 3))
    #expect(host.onlyCall[7] == 22)
  }
}
