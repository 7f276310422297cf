// Apus/TaskProgram.swift: what a task is to the one who writes it: a value with an endless loop.
// Nothing here runs: the entry that makes the value is generated from the manifest.

@_exported import ApusABI

/// A task: its stored properties are all its state, `run` is its loop.
///
/// At boot and at each restart the generated entry makes a new value and calls `run`, so that no
/// life sees anything of an earlier one. The value lives on the task's stack; a task has no global
/// variables, and one that has does not build. A trap in `run` (an overflow, an index out of
/// range, `fatalError`) faults this task alone.
///
/// ```swift
/// import Apus
///
/// struct Blinker: TaskProgram {
///   var isOn = false
///
///   mutating func run() -> Never {
///     while true {
///       Time.sleep(500, with: Notification.timer)
///       isOn.toggle()
///     }
///   }
/// }
/// ```
public protocol TaskProgram {
  /// Makes the task as it is at the start of each life.
  init()

  /// Does the task's work for as long as it lives.
  mutating func run() -> Never
}
