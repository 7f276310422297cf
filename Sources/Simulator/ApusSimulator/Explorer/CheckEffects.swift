// ApusSimulator/Explorer/CheckEffects.swift: what a step may do to bytes, time, interrupts and bits.
// As in Check.swift, nothing here asks the kernel.

import ApusABI
import ApusKernel

extension Check {
  // MARK: Bytes

  /// Whether the slice lies in one window of the task: asked of its ends, in 64 bits, which do not
  /// wrap.
  func mayTouch(_ index: Int, _ address: UInt32, _ byteCount: UInt32, writing: Bool) -> Bool {
    if byteCount == 0 { return true }
    let start = UInt64(address)
    let end = start + UInt64(byteCount)
    let size = UInt64(Toy.windowBytes)
    let ram = UInt64(Toy.ram(index))
    let flash = UInt64(Toy.flash(index))
    return start >= ram && end <= ram + size
      || !writing && start >= flash && end <= flash + size
  }

  /// The lease that a borrow names; `nil` if the table that the lender gave is not its own.
  func lease(of lender: Int) -> Lease? {
    let table = before.pointee.kernel.tasks[lender].registers
    guard table.r9 == Toy.flash(lender) else { return nil }
    return Toy.lease(event.pointee.registers.r4 >> 16, of: lender)
  }

  func isLeaseGood(of lender: Int) -> Bool {
    guard let lease = lease(of: lender) else { return false }
    let writing = lease.rights & Lease.write != 0
    return mayTouch(lender, lease.address, lease.byteCount, writing: writing)
  }

  /// Notes a copy that must have been made, between slices that must be good.
  mutating func move(
    _ source: Int, _ from: UInt32, _ length: UInt32, _ destination: Int, _ to: UInt32,
    _ capacity: UInt32
  ) throws(Violation) {
    try require(mayTouch(source, from, length, writing: false), .frame, source)
    try require(mayTouch(destination, to, capacity, writing: true), .frame, destination)
    try require(length <= Limit.messageBytes, .frame, source)
    copies.append(from, to, min(length, capacity))
  }

  mutating func checkCopies() throws(Violation) {
    let given = event.pointee.registers
    let answer = after.pointee.kernel.tasks[caller].registers
    let isServed = event.pointee.kind == .call && !namesNobody && answer.r4 == 0
    if isServed, !after.pointee.kernel.tasks[caller].state.isFaulted {
      switch event.pointee.call {
      case .borrowRead, .borrowWrite:
        let lender = event.pointee.peer
        let isRead = event.pointee.call == .borrowRead
        let isClient =
          before.pointee.kernel.tasks[lender].state == .awaitingReply(from: id(caller))
        guard isClient, let lease = lease(of: lender), isLeaseGood(of: lender) else {
          throw Violation(promise: .frame, task: lender)
        }
        let right = isRead ? Lease.read : Lease.write
        let isOwn = mayTouch(caller, given.r5, given.r6, writing: isRead)
        try require(lease.rights & right != 0 && isOwn, .frame, caller)
        let lent = lease.address &+ given.r7
        let count = min(given.r6, lease.byteCount - given.r7)
        try require(answer.r5 == count, .frame, caller)
        copies.append(isRead ? lent : given.r5, isRead ? given.r5 : lent, count)
      case .readPanicText:
        let dead = before.pointee.kernel.tasks[event.pointee.peer]
        try require(dead.state.fault == .panic, .frame, event.pointee.peer)
        try move(event.pointee.peer, dead.registers.r5, dead.registers.r6, 0, given.r7, given.r8)
      default: break
      }
    }
    try require(copies == after.pointee.machine.journeys, .frame, caller)
  }

  // MARK: Time, interrupts, notifications

  func checkTime() throws(Violation) {
    let passed: UInt64 = event.pointee.kind == .tick ? 1 : 0
    try require(after.pointee.kernel.now == before.pointee.kernel.now + passed, .time, caller)
    for index in 0..<taskCount {
      var isArmed = before.pointee.kernel.armed.contains(index)
      var due = deadline(before, index)
      if event.pointee.call == .setTimer, index == caller {
        isArmed = event.pointee.registers.r6 != 0
        due = UInt64(event.pointee.registers.r5) << 32 | UInt64(event.pointee.registers.r4)
      }
      let isOver = due <= after.pointee.kernel.now || reborn == index || stopped.contains(index)
      try require(after.pointee.kernel.armed.contains(index) == (isArmed && !isOver), .timer, index)
      if isArmed, !isOver { try require(deadline(after, index) == due, .timer, index) }
    }
  }

  func checkInterrupt() throws(Violation) {
    var isEnabled = before.pointee.machine.isEnabled
    var isPending = before.pointee.machine.isPending
    switch event.pointee.kind {
    case .take: (isEnabled, isPending) = (false, false)
    case .raise: isPending = true
    case .call, .fault, .tick, .stray: break
    }
    let isOwner = caller == Toy.owner.task && event.pointee.fate == .unharmed
    if event.pointee.call == .irqControl, isOwner {
      isEnabled = event.pointee.registers.r5 & InterruptControl.enable != 0
      if event.pointee.registers.r5 & InterruptControl.clearPending != 0 { isPending = false }
    }
    if reborn == Toy.owner.task || givenUp == Toy.owner.task { isEnabled = false }
    try require(after.pointee.machine.isEnabled == isEnabled, .interrupt, Toy.owner.task)
    try require(after.pointee.machine.isPending == isPending, .interrupt, Toy.owner.task)
  }

  /// What this step posts to task `index`.
  func posted(_ index: Int) -> UInt32 {
    var bits: UInt32 = 0
    let task = before.pointee.kernel.tasks[index]
    switch event.pointee.kind {
    case .tick:
      let isDue =
        before.pointee.kernel.armed.contains(index)
        && deadline(before, index) <= after.pointee.kernel.now
      if isDue { bits |= task.timerBitsOrDetail }
    case .take: if Toy.owner.task == index { bits |= Toy.owner.notification }
    case .call:
      let given = event.pointee.registers
      if event.pointee.call == .post, event.pointee.fate == .unharmed, !namesNobody,
        event.pointee.peer == index
      {
        bits |= given.r5
      }
      let due = UInt64(given.r5) << 32 | UInt64(given.r4)
      if event.pointee.call == .setTimer, index == caller, due <= before.pointee.kernel.now {
        bits |= given.r6
      }
    case .fault, .raise, .stray: break
    }
    if index == 0, !stopped.isEmpty { bits |= faultNotification }
    return bits
  }

  func checkBits(_ index: Int) throws(Violation) {
    if reborn == index { return }
    let old = before.pointee.kernel.tasks[index]
    let new = after.pointee.kernel.tasks[index]
    let all = old.pending | posted(index)
    var received: UInt32 = 0
    if !new.state.isFaulted, new.state == .runnable, new.registers.r4 == 0xFFFF {
      let isAsking =
        event.pointee.call == .receive || event.pointee.call == .replyAndReceive
        || event.pointee.call == .receiveNotifications
      let wasWaiting = old.state == .receiving || old.state == .waiting
      if wasWaiting || index == caller && isAsking {
        received = new.registers.r5
        let mask = registers(index).r9
        try require(received != 0 && received & ~(all & mask) == 0, .bits, index)
      }
    }
    try require(new.pending == all & ~received, .bits, index)
  }
}
