// ApusKernel/Messages.swift: send, receive, reply. One copy, no queue, no allocation.
// Who sends waits, and only for someone more important: no ring of waiting tasks can form.

import ApusABI

extension Kernel {
  /// Sends to the task in r4 and waits for its reply.
  @inline(__always)
  mutating func send(_ caller: Int, _ machine: inout some Machine) {
    let target = Int(truncatingIfNeeded: tasks[caller].registers.r4 & 31)
    guard machine.descriptor(caller).calls & TaskSet(target).rawValue != 0 else {
      return misuse(caller, .illegalTask, &machine)
    }
    guard tasks[caller].registers.r6 <= Limit.messageBytes else {
      return misuse(caller, .tooLong, &machine)
    }
    guard isAlive(target, for: caller) else { return }
    if tasks[target].state == .receiving {
      if deliver(from: caller, to: target, &machine) { return }
      // Either the caller was stopped for its message, or the receiver for its buffer; then the
      // caller waits for the receiver's next life as if it had come too early.
      if tasks[caller].state.isFaulted { return }
    }
    tasks[target].senders.insert(caller)
    block(caller, .sending(to: tasks[target].id))
  }

  /// Takes a notification if one is pending, else the most important sender's message, else waits.
  @inline(__always)
  mutating func receive(_ caller: Int, _ machine: inout some Machine) {
    // Asked again after each sender that was stopped for its message: if the caller is the
    // supervisor, that fault is news for it.
    while !takeNotifications(caller) {
      if tasks[caller].senders.isEmpty { return block(caller, .receiving) }
      let sender = tasks[caller].senders.first
      if deliver(from: sender, to: caller, &machine) {
        return tasks[caller].senders.remove(sender)
      }
      // A stopped sender is no longer in the set, and the next one gets its turn. A caller that
      // was stopped for its buffer leaves its senders to its next life.
      if tasks[caller].state.isFaulted { return }
    }
  }

  /// Takes a notification if one is pending, else waits for one and nothing else.
  @inline(__always)
  mutating func receiveNotifications(_ caller: Int) {
    if !takeNotifications(caller) { block(caller, .waiting) }
  }

  /// Answers the client in r4 if it waits for the caller, and does nothing if it does not.
  ///
  /// - Returns: Whether the caller is still healthy.
  @inline(__always)
  mutating func reply(_ caller: Int, _ machine: inout some Machine) -> Bool {
    guard let client = peerIndex(caller, &machine) else { return false }
    guard isClient(client, of: caller) else { return true }
    let byteCount = tasks[caller].registers.r6
    guard byteCount <= Limit.messageBytes && byteCount <= tasks[client].registers.r8 else {
      misuse(caller, .tooLong, &machine)
      return false
    }
    guard transfer(from: caller, to: client, &machine) else {
      return !tasks[caller].state.isFaulted
    }
    tasks[client].registers.r4 = tasks[caller].registers.r4 &>> 16
    tasks[client].registers.r5 = byteCount
    wake(client)
    return true
  }

  /// Stops the client in r4 for the reason beside it, if it waits for the caller.
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

  /// Whether the low half of the caller's r4 names the present life of task `index`, and that life
  /// waits for the caller's reply.
  @inline(__always)
  private mutating func isClient(_ index: Int, of caller: Int) -> Bool {
    UInt16(truncatingIfNeeded: tasks[caller].registers.r4) == tasks[index].id.rawValue
      && tasks[index].state == .awaitingReply(from: tasks[caller].id)
  }

  /// Moves a message, tells the receiver all about it and lets it go on, and makes the sender wait
  /// for the reply.
  ///
  /// Either may be blocked or running before.
  ///
  /// - Returns: Whether it was delivered; if not, the guilty one of the two has been stopped.
  @inline(never)
  private mutating func deliver(
    from sender: Int, to receiver: Int, _ machine: inout some Machine
  ) -> Bool {
    guard transfer(from: sender, to: receiver, &machine) else { return false }
    let operation = tasks[sender].registers.r4 & 0xFFFF_0000
    tasks[receiver].registers.r4 = operation | UInt32(tasks[sender].id.rawValue)
    tasks[receiver].registers.r5 = tasks[sender].registers.r6
    tasks[receiver].registers.r6 = tasks[sender].registers.r8
    tasks[receiver].registers.r10 = tasks[sender].registers.r10
    block(sender, .awaitingReply(from: tasks[receiver].id))
    wake(receiver)
    return true
  }

  /// Copies what `source` sends (r5, r6) to where `destination` receives (r7, r8), as much as fits.
  ///
  /// - Returns: Whether both slices were good; if not, the one with the bad slice has been stopped.
  @inline(never)
  mutating func transfer(
    from source: Int, to destination: Int, _ machine: inout some Machine
  ) -> Bool {
    let from = tasks[source].registers.r5
    let length = tasks[source].registers.r6
    guard mayTouch(source, from, length, writing: false, machine) else {
      fault(source, .badSlice, address: from, &machine)
      return false
    }
    let to = tasks[destination].registers.r7
    let capacity = tasks[destination].registers.r8
    guard mayTouch(destination, to, capacity, writing: true, machine) else {
      fault(destination, .badSlice, address: to, &machine)
      return false
    }
    machine.copy(from: from, to: to, count: min(length, capacity))
    return true
  }
}
