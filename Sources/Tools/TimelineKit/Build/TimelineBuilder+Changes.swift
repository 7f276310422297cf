// TimelineKit/Build/TimelineBuilder+Changes.swift: what one passage through the kernel changed.
// The order is the same for every source: the cause, then timers, deaths, lives, answers, messages.

import ApusABI

extension TimelineBuilder {
  /// Writes down what happened in `moment`.
  mutating func record(_ moment: Moment, since before: KernelState) {
    cause(moment, before)
    for index in subject.tasks.indices where moment.after.tasks[index].isArmed != isArmed(index) {
      // A task that was stopped or restarted has lost its timer unheard.
      let task = moment.after.tasks[index]
      let isOwn = moment.call == .setTimer && index == moment.task
      guard !task.isArmed, !task.state.isFaulted, task.life == before.tasks[index].life, !isOwn
      else { continue }
      note(moment, index, .expired(before.tasks[index].bits))
    }
    deaths(moment, before)
    for index in subject.tasks.indices { answer(index, moment, before) }
    for index in subject.tasks.indices { deliver(index, moment, before) }
  }

  private func isArmed(_ index: Int) -> Bool { state?.tasks[index].isArmed ?? false }

  /// What was asked of the kernel.
  private mutating func cause(_ moment: Moment, _ before: KernelState) {
    let (caller, r) = (moment.task, moment.registers)
    switch moment.door {
    case .boot, .fault: break
    case .tick: note(moment, caller, .tick)
    case .interrupt(let number):
      let owner = subject.lines.first { $0.number == number }?.owner ?? caller
      note(moment, owner, .interrupt(number))
    case .call:
      switch moment.call {
      case .send: send(moment, before)
      case .setTimer where !moment.after.tasks[caller].state.isFaulted: timer(moment)
      case .post where isPosted(moment, before):
        note(moment, caller, .posted(r[1], to: Int(r[0] & 31)))
      case .borrowRead, .borrowWrite:
        let results = moment.after.tasks[caller].results
        if !moment.after.tasks[caller].state.isFaulted && results[0] == 0 {
          note(
            moment, caller,
            .copied(
              lender: Int(r[0] & 31), byteCount: results[1], isWrite: moment.call == .borrowWrite))
        } else {
          note(moment, caller, .call(moment.call))
        }
      default: note(moment, caller, .call(moment.call))
      }
    }
  }

  private func isPosted(_ moment: Moment, _ before: KernelState) -> Bool {
    let target = Int(moment.registers[0] & 31)
    guard target < before.tasks.count, !moment.after.tasks[moment.task].state.isFaulted else {
      return false
    }
    return UInt16(truncatingIfNeeded: moment.registers[0])
      == UInt16(truncatingIfNeeded: before.tasks[target].life)
  }

  private mutating func timer(_ moment: Moment) {
    let r = moment.registers
    guard r[2] != 0 else { return note(moment, moment.task, .disarmed) }
    note(moment, moment.task, .armed(deadline: UInt64(r[1]) << 32 | UInt64(r[0]), bits: r[2]))
    if !moment.after.tasks[moment.task].isArmed { note(moment, moment.task, .expired(r[2])) }
  }

  /// A send that the kernel has taken: the sender waits now, or was delivered and stopped since.
  private mutating func send(_ moment: Moment, _ before: KernelState) {
    let (caller, r) = (moment.task, moment.registers)
    let activity = moment.after.tasks[caller].state.activity
    guard activity == .sending || activity == .awaitingReply else {
      return note(moment, caller, .call(.send))
    }
    let id = messages.count
    messages.append(
      Message(
        id: id, sender: caller, receiver: Int(r[0] & 31), operation: UInt16(r[0] >> 16),
        byteCount: r[2], leaseCount: r[6], sent: moment.left, delivered: nil, ended: nil,
        outcome: .open, parent: incoming[caller].last))
    outgoing[caller] = id
    note(moment, caller, .sent(id))
  }

  /// Who was stopped, and who begins a new life.
  private mutating func deaths(_ moment: Moment, _ before: KernelState) {
    for index in subject.tasks.indices {
      let (old, new) = (before.tasks[index], moment.after.tasks[index])
      if new.state.isFaulted, !old.state.isFaulted || isStruck(index, moment) {
        let kind = new.state.fault ?? .none
        note(
          moment, index,
          .faulted(
            kind, address: UInt32(truncatingIfNeeded: new.words),
            programCounter: UInt32(truncatingIfNeeded: new.words >> 32), detail: new.bits))
        let outcome: Message.Outcome =
          kind == .refused ? .refused(reason: UInt16(new.bits >> 16)) : .withdrawn
        end(outgoing[index], at: moment.left, outcome)
      }
      if new.life != old.life {
        end(outgoing[index], at: moment.left, .withdrawn)
        note(moment, index, .restarted(new.generation))
      }
    }
  }

  /// Whether the supervisor struck a task that may have been stopped already.
  private func isStruck(_ index: Int, _ moment: Moment) -> Bool {
    moment.call == .injectFault && moment.registers[0] == UInt32(index)
  }

  /// Ends the message of a sender that goes on.
  private mutating func answer(_ index: Int, _ moment: Moment, _ before: KernelState) {
    guard let id = outgoing[index], moment.after.tasks[index].state == .runnable else { return }
    let receiver = messages[id].receiver
    let task = moment.after.tasks[index]
    let peer = moment.after.tasks[receiver]
    if peer.life != before.tasks[receiver].life {
      end(id, at: moment.left, .peerDied(generation: peer.generation))
    } else {
      end(
        id, at: moment.left,
        .replied(code: UInt16(truncatingIfNeeded: task.results[0]), byteCount: task.results[1]))
    }
  }

  /// Delivers the message of a sender that awaits the reply now.
  private mutating func deliver(_ index: Int, _ moment: Moment, _ before: KernelState) {
    guard let id = outgoing[index], messages[id].delivered == nil,
      moment.after.tasks[index].state.activity == .awaitingReply
    else { return }
    messages[id].delivered = moment.left
    incoming[messages[id].receiver].append(id)
    note(moment, messages[id].receiver, .delivered(id))
  }

  /// Ends message `id`, if there is one.
  mutating func end(_ id: Int?, at time: UInt64, _ outcome: Message.Outcome) {
    guard let id else { return }
    messages[id].ended = time
    messages[id].outcome = outcome
    outgoing[messages[id].sender] = nil
    incoming[messages[id].receiver].removeAll { $0 == id }
    if outcome != .withdrawn {
      incidents.append(Incident(time: time, task: messages[id].sender, kind: .ended(id)))
    }
  }

  private mutating func note(_ moment: Moment, _ task: Int, _ kind: Incident.Kind) {
    incidents.append(Incident(time: moment.left, task: task, kind: kind))
  }
}
