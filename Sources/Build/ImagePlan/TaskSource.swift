// ImagePlan/TaskSource.swift: the Swift that a task gets from the manifest: peers, bits, addresses,
// and its entry. One generator for the target and the host, so that nothing is written twice.
// Every constant is computed, never stored: a stored one could become a lazily initialised global.

import PlainText

extension App {
  /// The source of the task `index` of this app.
  public func source(ofTask index: Int) -> String {
    let task = tasks[index]
    let peers = Set(task.calls + task.notifies).sorted()
    return """
      // Generated from app.yaml and \(board.name)'s board.yaml: task '\(task.name)' of '\(name)'.
      import Apus

      /// The tasks that this one may send or post to.
      enum Peer {
      \(Self.members(peers.map { (tasks[$0].name, "TaskID", "TaskID(index: \($0))") }))}

      /// This task's notifications, as masks.
      enum Notification {
      \(Self.members(task.notifications.enumerated().map { ($1, "UInt32", "1 << \($0)") }))}

      /// The addresses of this task's devices.
      enum Peripheral {
      \(Self.members(task.peripherals.map { ($0.name, "UInt32", hex($0.window.base)) }))}

      /// What the whole image is.
      enum Image {
        /// With idle, which is the last.
        static var taskCount: Int { \(taskCount) }
        static var tickMicroseconds: UInt32 { \(tickMicroseconds) }
        static var clockHertz: UInt32 { \(board.clockHertz) }
        static var app: StaticString { "\(name)" }
        static var board: StaticString { "\(board.name)" }
      \(Self.members(task.peripherals.compactMap(Self.driver)))\
      \(Self.members(Self.kept(task)))\
        static func taskName(_ index: Int) -> StaticString {
          switch index {
      \(tasks.enumerated().map { "    case \($0): \"\($1.name)\"\n" }.joined())\
          case \(tasks.count): "idle"
          default: "?"
          }
        }
      }

      #if hasFeature(Embedded)
        @c(apus_task_main)
        func taskMain() -> Never {
          var task = \(task.folder)()
          task.run()
        }
      #else
        /// One life of the task, on the host.
        public func runTask() -> Never {
          var task = \(task.folder)()
          task.run()
        }
      #endif

      """
  }

  private static func members(_ list: [(name: String, type: String, value: String)]) -> String {
    list.map {
      "  static var \(Identifier.lowerCamelCase($0.name)): \($0.type) { \($0.value) }\n"
    }.joined()
  }

  private static func kept(_ task: Task) -> [(name: String, type: String, value: String)] {
    task.keptBytes == 0 ? [] : [("kept", "Kept", "Kept(capacity: \(task.keptBytes))")]
  }

  private static func driver(
    _ device: Board.Peripheral
  ) -> (name: String, type: String, value: String)? {
    guard let driver = device.driver else { return nil }
    return (
      "\(device.name)-driver", "RegisterLayout", ".\(Identifier.lowerCamelCase(driver.rawValue))"
    )
  }
}
