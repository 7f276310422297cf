// ApusSimulator/Explorer/Violation.swift: the promises that hold after each step, by name.
// The words are what a reader of a report sees; the numbers are those of no list.

/// A promise of the kernel that a step broke.
public enum Promise: String, Sendable, CaseIterable {
  case state = "each task is in exactly one state, and waits for the present life of a superior"
  case order = "the most important runnable task runs"
  case idle = "idle can always run"
  case derived = "the derived sets are what the states say"
  case wakeUp = "no task waits for what is already there"
  case cause = "a task leaves its state only for a cause in this step"
  case still = "who has no part in a step keeps every register"
  case life = "only a restart changes a life, by exactly one"
  case rebirth =
    "a restarted task has no bits, no timer, no interrupt and no register of its former life"
  case blame = "a task is stopped only for what it did, or by its server or the supervisor"
  case fate = "a call that the contract forbids stops its caller, and no other does"
  case record = "each fault tells the supervisor; the supervisor's own resets the machine"
  case delivery = "a message and its description arrive as they were sent"
  case best = "a receiver gets the most important sender whose message is good"
  case dead = "who calls or waits for a former life gets the dead code of the present one"
  case reply = "a reply in good order releases its client"
  case frame =
    "bytes move only between slices that the step names, inside the windows of their owners"
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
