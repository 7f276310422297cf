// ApusSimulator/Machine/Changes.swift: what one passage through the kernel did, from two snapshots.
// The kernel is a value: it need not say what it did, it is compared with its copy from before.

import ApusABI
import ApusKernel

/// Tells the difference between a kernel before a door and after it.
struct Changes<let taskCount: Int> {
  let before: Kernel<taskCount>
  let after: Kernel<taskCount>
  let door: TraceEvent.Door
  let owners: [InterruptOwner]

  typealias Kind = TraceEvent.Kind

  /// All events of the passage, the tasks in order.
  func events(at cycles: UInt64) -> [TraceEvent] {
    (0..<taskCount).flatMap { index in
      kinds(of: index).map { TraceEvent(cycles: cycles, task: index, kind: $0) }
    }
  }

  private var caller: Int { Int(before.current) }
  private var call: Call? {
    guard case .call(let registers) = door else { return nil }
    return Call(rawValue: registers.r11)
  }

  private func kinds(of index: Int) -> [Kind] {
    let old = before.tasks[index]
    let new = after.tasks[index]
    if old.life != new.life { return [.restarted(generation: new.id.generation)] }
    if old.state.fault == FaultKind.none, new.state.isFaulted {
      return exchange(index)
        + [
          .faulted(
            new.state.fault ?? .none, address: new.deadlineOrAddress,
            detail: new.timerBitsOrDetail)
        ]
    }
    return posts(index) + timer(index) + exchange(index) + wait(index)
  }

  /// Messages that `index` was given, and replies that it gave.
  private func exchange(_ index: Int) -> [Kind] {
    var kinds: [Kind] = []
    let own = after.tasks[index].id
    for peer in 0..<taskCount where peer != index {
      let was = before.tasks[peer].state
      let state = after.tasks[peer].state
      if was == .awaitingReply(from: own), state == .runnable, caller == index,
        call == .reply || call == .replyAndReceive
      {
        let result = after.tasks[peer].registers
        kinds.append(
          .replied(
            to: peer, code: UInt16(truncatingIfNeeded: result.r4), byteCount: result.r5))
      }
      if state == .awaitingReply(from: own), was != state {
        let sent = after.tasks[peer].registers
        kinds.append(
          .delivered(
            from: peer, operation: UInt16(truncatingIfNeeded: sent.r4 >> 16), byteCount: sent.r6))
      }
    }
    return kinds
  }

  private func posts(_ index: Int) -> [Kind] {
    switch door {
    case .call(let registers):
      guard call == .post, Int(registers.r4 & 31) == index,
        after.tasks[caller].registers.r4 == ResponseCode.success.rawValue,
        !after.tasks[caller].state.isFaulted
      else { return [] }
      return [.posted(registers.r5, by: .task(caller))]
    case .interrupt(let line):
      let owner = owners.first { $0.number == line && $0.task == index }
      return owner.map { [.posted($0.notification, by: .interrupt(line))] } ?? []
    case .tick, .fault: return []
    }
  }

  private func timer(_ index: Int) -> [Kind] {
    let old = before.tasks[index]
    let new = after.tasks[index]
    var kinds: [Kind] = []
    var wasArmed = before.armed.contains(index)
    if call == .setTimer, caller == index {
      let deadline = UInt64(new.deadlineOrProgramCounter) << 32 | UInt64(new.deadlineOrAddress)
      wasArmed = new.timerBitsOrDetail != 0
      kinds.append(
        wasArmed
          ? .timerArmed(deadline: deadline, bits: new.timerBitsOrDetail) : .timerDisarmed)
    }
    if wasArmed, !after.armed.contains(index) {
      let bits = call == .setTimer && caller == index ? new : old
      kinds.append(.timerFired(bits.timerBitsOrDetail))
      kinds.append(.posted(bits.timerBitsOrDetail, by: .timer))
    }
    return kinds
  }

  private func wait(_ index: Int) -> [Kind] {
    let was = before.tasks[index].state
    let state = after.tasks[index].state
    let result = after.tasks[index].registers
    guard !state.isFaulted else { return [] }
    var kinds: [Kind] = []
    let wasWaiting = was == .receiving || was == .waiting
    let receives =
      caller == index
      && [.receive, .receiveNotifications, .replyAndReceive].contains(call)
    if state == .runnable, wasWaiting || receives,
      result.r4 == UInt32(TaskID.kernel.rawValue)
    {
      kinds.append(.notified(result.r5))
    }
    if let generation = ResponseCode(rawValue: result.r4).deadGeneration,
      before.tasks[index].registers.r4 != result.r4, state == .runnable
    {
      kinds.append(.told(dead: generation))
    }
    if was != state { kinds.append(state == .runnable ? .woken : .blocked(state)) }
    return kinds
  }
}
