// KernelModel/Invariants.swift: what is true of every kernel at every moment.
// Each is stated positively and looks at the kernel alone, with no history.

import ApusABI
import ApusKernel

/// The first invariant that this kernel breaks, or `nil`.
///
/// `isUphill`: the image's permission masks name more important tasks only.
func brokenInvariant<let count: Int>(of kernel: Kernel<count>, isUphill: Bool = true) -> String? {
  var first = 32
  for index in (0..<count).reversed() {
    let task = kernel.tasks[index]
    let canRun = task.state.rawValue == 0
    if canRun { first = index }
    if kernel.runnable.contains(index) != canRun { return "runnable says \(!canRun) of \(index)" }
    if task.state.activity == nil { return "task \(index) has no activity: \(task.state)" }
    if task.state.fault == nil { return "task \(index) has no fault kind: \(task.state)" }
    if Int(task.life & 31) != index && !(task.life & 31 == 31 && task.state.isFaulted) {
      return "task \(index) calls itself \(task.life & 31)"
    }
    if kernel.armed.contains(index) {
      if task.state.isFaulted { return "task \(index) is stopped, and its timer is armed" }
      if task.timerBitsOrDetail == 0 { return "task \(index) has an armed timer without bits" }
      let deadline =
        UInt64(task.deadlineOrProgramCounter) << 32 | UInt64(task.deadlineOrAddress)
      if deadline <= kernel.now { return "task \(index) has a due timer that is still armed" }
    }
    if let broken = brokenWait(of: index, in: kernel, isUphill) { return broken }
    for sender in 0..<32 {
      let isSending =
        sender < count && kernel.tasks[sender].state == TaskState.sending(to: task.id)
      if task.senders.contains(sender) != isSending {
        return "senders of \(index) say \(!isSending) of \(sender)"
      }
    }
  }
  if kernel.runnable.rawValue << UInt32(count) != 0 && count < 32 { return "nobody is runnable" }
  if kernel.armed.rawValue << UInt32(count) != 0 && count < 32 { return "nobody's timer is armed" }
  if !kernel.runnable.contains(count - 1) { return "the idle task cannot run" }
  if Int(kernel.current) != first { return "\(kernel.current) runs, and \(first) should" }
  return nil
}

/// What is wrong with what a healthy task waits for.
private func brokenWait<let count: Int>(
  of index: Int, in kernel: Kernel<count>, _ isUphill: Bool
) -> String? {
  let task = kernel.tasks[index]
  guard !task.state.isFaulted else { return nil }
  switch task.state.activity {
  case .sending, .awaitingReply:
    let peer = task.state.peer
    guard peer.index < count else { return "\(index) waits for \(peer), which is no task" }
    if kernel.tasks[peer.index].id != peer { return "\(index) waits for an earlier \(peer.index)" }
    if isUphill && peer.index >= index { return "\(index) waits downhill for \(peer.index)" }
    if task.state.isSending, kernel.tasks[peer.index].state == .receiving {
      return "\(index) sends to \(peer.index), which receives"
    }
  case .receiving, .waiting:
    let due = task.pending & task.registers.r9
    if due != 0 { return "\(index) waits while \(due) is pending" }
  case .runnable, nil: break
  }
  return nil
}
