// ApusKernel/Messages.swift: send, receive, reply. One copy, no queue, no allocation.
// A sender waits, and only for a more important task: no cycle of waiting tasks can form.
//
// A task's own slices are checked when it makes the call and never again: windows are constant, and
// no register that describes a slice changes while its owner is blocked. So no bad sender is ever
// queued, a delivery cannot fail, and a mistake shows at once, whatever the peer does. In
// `replyAndReceive`, the reply has been delivered when the buffer is checked.

import ApusABI

extension Kernel {
  /// Sends to the task in r4 and waits for its reply.
  @inline(__always)
  mutating func send(_ caller: Int, _ machine: inout some Machine) {
    let target = Int(truncatingIfNeeded: tasks[caller].registers.r4 & 31)
    guard machine.descriptor(caller).calls & TaskSet(target).rawValue != 0 else {
      return misuse(caller, .illegalTask, &machine)
    }
    guard ownsMessage(caller, &machine), ownsBuffer(caller, &machine) else { return }
    guard isAlive(target, for: caller) else { return }
    if tasks[target].state == .receiving { return deliver(from: caller, to: target, &machine) }
    tasks[target].senders.insert(caller)
    block(caller, .sending(to: tasks[target].id))
  }

  /// Takes a notification if one is pending, else the most important sender's message; else waits.
  @inline(__always)
  mutating func receive(_ caller: Int, _ machine: inout some Machine) {
    guard ownsBuffer(caller, &machine) else { return }
    if takeNotifications(caller) { return }
    if tasks[caller].senders.isEmpty { return block(caller, .receiving) }
    let sender = tasks[caller].senders.first
    tasks[caller].senders.remove(sender)
    deliver(from: sender, to: caller, &machine)
  }

  /// Takes a notification if one is pending, else waits for a notification only.
  @inline(__always)
  mutating func receiveNotifications(_ caller: Int) {
    if !takeNotifications(caller) { block(caller, .waiting) }
  }

  /// Replies to the client in r4 if it waits for the caller; if it does not, nothing is moved.
  ///
  /// - Returns: Whether the caller is still healthy.
  @inline(__always)
  mutating func reply(_ caller: Int, _ machine: inout some Machine) -> Bool {
    guard ownsMessage(caller, &machine) else { return false }
    guard let client = peerIndex(caller, &machine) else { return false }
    guard isClient(client, of: caller) else { return true }
    let byteCount = tasks[caller].registers.r6
    guard byteCount <= tasks[client].registers.r8 else {
      misuse(caller, .tooLong, &machine)
      return false
    }
    transfer(from: caller, to: client, &machine)
    tasks[client].registers.r4 = tasks[caller].registers.r4 &>> 16
    tasks[client].registers.r5 = byteCount
    wake(client)
    return true
  }

  /// Stops the client in r4, if it waits for the caller, for the reason in the upper half of r4.
  @inline(__always)
  mutating func replyFault(_ caller: Int, _ machine: inout some Machine) {
    guard let client = peerIndex(caller, &machine) else { return }
    let reason = tasks[caller].registers.r4 &>> 16
    guard reason <= UInt32(RefusalReason.accessViolation.rawValue) else {
      return misuse(caller, .badSelector, &machine)
    }
    guard isClient(client, of: caller) else { return }
    let detail = reason &<< 16 | UInt32(tasks[caller].id.rawValue)
    fault(client, .refused, address: 0, detail: detail, &machine)
  }

  /// Whether the low half of the caller's r4 names the current life of task `index`, and that life
  /// waits for the caller's reply.
  @inline(__always)
  private mutating func isClient(_ index: Int, of caller: Int) -> Bool {
    isNamed(index, by: caller)
      && tasks[index].state == .awaitingReply(from: tasks[caller].id)
  }

  /// Moves a message, describes it in the receiver's registers, wakes the receiver, and makes the
  /// sender wait for the reply.
  ///
  /// Either of them may be blocked or running before.
  @inline(never)
  private mutating func deliver(
    from sender: Int, to receiver: Int, _ machine: inout some Machine
  ) {
    transfer(from: sender, to: receiver, &machine)
    let operation = tasks[sender].registers.r4 & 0xFFFF_0000
    tasks[receiver].registers.r4 = operation | UInt32(tasks[sender].id.rawValue)
    tasks[receiver].registers.r5 = tasks[sender].registers.r6
    tasks[receiver].registers.r6 = tasks[sender].registers.r8
    tasks[receiver].registers.r10 = tasks[sender].registers.r10
    block(sender, .awaitingReply(from: tasks[receiver].id))
    wake(receiver)
  }

  /// Copies what `source` sends (r5, r6) to where `destination` receives (r7, r8), as much as fits.
  ///
  /// Both slices have been checked, each when its owner made the call.
  @inline(__always)
  mutating func transfer(
    from source: Int, to destination: Int, _ machine: inout some Machine
  ) {
    let count = min(tasks[source].registers.r6, tasks[destination].registers.r8)
    machine.copy(
      from: tasks[source].registers.r5, to: tasks[destination].registers.r7, count: count)
  }

  /// Whether what the caller sends (r5, r6) is its own and short enough; if not, it is stopped.
  @inline(__always)
  private mutating func ownsMessage(_ caller: Int, _ machine: inout some Machine) -> Bool {
    let message = tasks[caller].registers.r5
    let byteCount = tasks[caller].registers.r6
    if byteCount > Limit.messageBytes {
      misuse(caller, .tooLong, &machine)
      return false
    }
    if mayTouch(caller, message, byteCount, writing: false, machine) { return true }
    fault(caller, .badSlice, address: message, &machine)
    return false
  }

  /// Whether the memory into which the caller receives (r7, r8) is its own; if not, it is stopped.
  @inline(__always)
  private mutating func ownsBuffer(_ caller: Int, _ machine: inout some Machine) -> Bool {
    let buffer = tasks[caller].registers.r7
    if mayTouch(caller, buffer, tasks[caller].registers.r8, writing: true, machine) { return true }
    fault(caller, .badSlice, address: buffer, &machine)
    return false
  }
}
