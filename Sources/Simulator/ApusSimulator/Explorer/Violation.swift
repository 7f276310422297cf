// ApusSimulator/Explorer/Violation.swift: the promises that hold after each step, by name.
// The words are what a reader of a report sees.

/// A promise of the kernel that a step broke.
///
/// What is known to be true of such a kernel is listed below; beside it stands the promise that says
/// so, or who else looks after it.
///
/// | | invariant | promise |
/// |---|---|---|
/// | 1 | each task is in one state, and waits for a living peer | `state` |
/// | 2 | nobody more important than the running task can run | `order` |
/// | 3 | some task can always run | `idle`; idle makes no call and no access, so no event stops it |
/// | 4 | fair rotation among equals | no two tasks have equal priority |
/// | 5 | a stopped task never runs, its registers stay | `order`, `still` |
/// | 6 | calls take bounded time | the bench's worst paths |
/// | 7 | no message is lost or doubled | `cause`, `delivery`, `dead` |
/// | 8 | a message arrives as it was sent, nothing beside it | `delivery`, `frame` |
/// | 9 | a client leaves its wait only for reply, refusal, death | `cause` |
/// | 10 | the best sender is received; a bad one is never queued | `best`, `fate` |
/// | 11 | the kernel names the sender | `delivery` |
/// | 12 | a peer's death is told once, with its next life | `dead` |
/// | 13 | waiting tasks form no ring | `state`, which says more: always uphill |
/// | 14 | only a restart changes a life; old names, and those given up, reach nobody | `life`, `dead`, `refusal` |
/// | 15 | a restart leaves nothing of the former life | `rebirth`, `state` |
/// | 16 | each fault has a record, and wakes the supervisor | `record`, `bits`, `wakeUp` |
/// | 17 | blame | `blame`, `fate` |
/// | 18 | the supervisor's fault resets the machine | `record` |
/// | 19 | borrows hold exactly while the lender waits | `lease`, `frame` |
/// | 20 | a borrow changes its destination only | `frame` |
/// | 21 | notifications: (former + posted) - received | `bits` |
/// | 22 | a timer fires once, at its deadline, in its life | `timer`, `rebirth` |
/// | 23 | time never goes back | `time`, `answer` |
/// | 24 | an interrupt is enabled by its owner only | `interrupt`, `answer` |
/// | 25 | a step changes what it names | `still`, `frame`, `bits`, `life`, `timer` |
/// | 26 | slices | `fate`, `frame`; every slice of a small space in the kernel's own tests |
/// | 27-30 | MPU, regions, privilege, pending exceptions | not of a kernel without hardware |
/// | 31-33 | confidentiality, non-interference, the kernel's stack | conformance on the boards |
/// | 34 | the reference model agrees | the model walk of the kernel's tests |
/// | 35 | the target agrees | the lock-step with QEMU |
/// | 36 | determinism | a test of the explorer |
/// | 37 | a refused call changes its result only | `refusal` |
/// | 38 | a copy of the kernel is the kernel | every step is one of a copy |
public enum Promise: String, Sendable, CaseIterable {
  case state = "each task is in exactly one state, and waits for the present life of a superior"
  case order = "the most important runnable task runs"
  case idle = "idle can always run, so that there is always a task to run"
  case derived = "the derived sets are what the states say"
  case wakeUp = "no task waits for what is already there"
  case cause = "a task leaves its state only for a cause in this step"
  case still = "who waits, or has no part in a step, keeps every register"
  case life = "only a restart changes a life, by exactly one, and only giving up takes its name"
  case rebirth =
    "a restarted task has no bits, no timer, no interrupt and no register of its former life"
  case blame = "a task is stopped only for what it did, or by its server or the supervisor"
  case fate = "a call that the contract forbids stops its caller, and no other does"
  case record =
    "each fault is recorded and kept as it was; the supervisor's own resets the machine"
  case delivery = "a message and its description arrive as they were sent"
  case best = "a receiver gets the most important sender"
  case dead = "who calls or waits for a former life gets the dead code of the present one"
  case reply = "a reply in good order releases its client"
  case frame =
    "bytes move only between slices that the step names, inside the windows of their owners"
  case lease = "a borrow succeeds exactly while the lender waits for the borrower and lent so"
  case refusal = "a call that is not done changes nothing but the register that says so"
  case answer = "the kernel's answers about time, interrupts and tasks are true"
  case bits = "notifications are neither lost nor made up: present = (former + posted) - received"
  case timer = "a timer posts once, at the first tick that is not before its deadline"
  case interrupt = "an interrupt is masked when taken, and by nothing but its owner or its restart"
  case time = "time goes on by one a tick and not otherwise"
}

/// A broken promise, and who is concerned.
struct Violation: Error {
  var promise: Promise
  var task: Int
}
