// ImagePlanTests/SourceTests.swift: what a task's generated source says.

import ImagePlan
import Testing

@Suite struct SourceTests {
  @Test("A task gets its peers, bits and devices, the image's facts and its entry.")
  func source() throws {
    let text = try Fixture.parsedApp().source(ofTask: 1)
    #expect(
      text == """
        // Generated from app.yaml and toy's board.yaml: task 'driver' of 'demo'.
        import Apus

        /// The tasks that this one may send or post to.
        enum Peer {
        }

        /// This task's notifications, as masks.
        enum Notification {
          static var rx: UInt32 { 1 << 0 }
          static var tx: UInt32 { 1 << 1 }
          static var go: UInt32 { 1 << 2 }
        }

        /// The addresses of this task's devices.
        enum Peripheral {
          static var uart: UInt32 { 0x40004000 }
        }

        /// What the whole image is.
        enum Image {
          /// With idle, which is the last.
          static var taskCount: Int { 4 }
          static var tickMicroseconds: UInt32 { 1000 }
          static var clockHertz: UInt32 { 25000000 }
          static var app: StaticString { "demo" }
          static var board: StaticString { "toy" }
          static var uartDriver: RegisterLayout { .cmsdk }
          static func taskName(_ index: Int) -> StaticString {
            switch index {
            case 0: "supervisor"
            case 1: "driver"
            case 2: "shell"
            case 3: "idle"
            default: "?"
            }
          }
        }

        #if hasFeature(Embedded)
          @c(apus_task_main)
          func taskMain() -> Never {
            var task = Driver()
            task.run()
          }
        #else
          /// One life of the task, on the host.
          public func runTask() -> Never {
            var task = Driver()
            task.run()
          }
        #endif

        """)
  }

  @Test("Peers are those of calls and notifies, once; words of Swift are quoted.")
  func peers() throws {
    let app = try Fixture.parsedApp(
      Fixture.app.changing("[fault, timer]", to: "[fault, default, uart-line]"))
    let shell = app.source(ofTask: 2)
    #expect(shell.contains("  static var supervisor: TaskID { TaskID(index: 0) }\n"))
    #expect(shell.split(separator: "static var driver: TaskID").count == 2)
    let supervisor = app.source(ofTask: 0)
    #expect(supervisor.contains("  static var `default`: UInt32 { 1 << 1 }\n"))
    #expect(supervisor.contains("  static var uartLine: UInt32 { 1 << 2 }\n"))
  }

  @Test("A task that keeps something gets it by name; no other task has that name.")
  func kept() throws {
    let app = try Fixture.parsedApp(
      Fixture.app.changing("stack: 512", to: "stack: 512\n    keeps: 20 B"))
    #expect(app.source(ofTask: 2).contains("  static var kept: Kept { Kept(capacity: 20) }\n"))
    #expect(!app.source(ofTask: 1).contains("ept"))
  }

  @Test("The port learns the number of tasks, the reload value and the floating-point unit.")
  func configuration() throws {
    #expect(
      try Fixture.parsedApp().configurationSource == """
        // Generated from app.yaml for toy.
        import ApusKernel

        typealias ImageKernel = Kernel<4>

        enum ImageConfiguration {
          static let sysTickReload: UInt32 = 24999
          static let hasFloatingPoint = false
        }

        """)
  }
}
