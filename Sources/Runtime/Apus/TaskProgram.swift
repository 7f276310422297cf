// Apus/TaskProgram.swift: what a task is to its author: a value with an endless loop.
// Nothing here runs: the entry that creates the value is generated from the manifest.

@_exported import ApusABI

/// A task: its stored properties are its whole state, `run` is its loop.
///
/// At boot and at each restart the generated entry creates a new value and calls `run`, so no life
/// sees anything from an earlier one. The value is on the task's stack. A task has no global
/// variables: one that declares any does not build. A trap in `run` (an overflow, an index out of
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
  /// Creates the task as it is at the start of each life.
  init()

  /// Does the task's work for as long as it lives.
  mutating func run() -> Never
}
