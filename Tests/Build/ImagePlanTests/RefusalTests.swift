// ImagePlanTests/RefusalTests.swift: every mistake a person makes in app.yaml, and the exact words.
// A row is a change of the fixture; its text is what the user sees after "error: ".

import ImagePlan
import Testing

/// One mistake: what is changed to what, and the refusal.
struct Mistake: CustomTestStringConvertible, Sendable {
  var part: String
  var change: String
  var words: String

  init(_ part: String, _ change: String, _ words: String) {
    (self.part, self.change, self.words) = (part, change, words)
  }

  var testDescription: String { change }
}

@Suite struct RefusalTests {
  @Test("Names are checked with the nearest one as advice.", arguments: names)
  func name(_ mistake: Mistake) { expectRefusal(mistake) }

  @Test("Numbers and structure are checked with both numbers.", arguments: values)
  func value(_ mistake: Mistake) { expectRefusal(mistake) }

  @Test("Who owns and who reaches what is checked with the other's line.", arguments: owners)
  func owner(_ mistake: Mistake) { expectRefusal(mistake) }

  private func expectRefusal(_ mistake: Mistake) {
    let error = #expect(throws: PlanError.self) {
      try Fixture.parsedApp(Fixture.app.changing(mistake.part, to: mistake.change))
    }
    #expect(error?.description == mistake.words)
  }

  @Test("The fixture itself is accepted.")
  func accepted() throws {
    let app = try Fixture.parsedApp()
    #expect(app.tasks.map(\.module) == ["DemoSupervisor", "DemoDriver", "DemoShell"])
    #expect(app.tasks[2].calls == [0, 1])
    #expect(app.sysTickReload == 24_999)
  }

  /// The fixture's.
  private static let stay = KernelTime.longestStay(
    tasks: 3, interrupts: 2, hasFloatingPoint: false)

  static let names = [
    Mistake(
      "name: shell", #"name: "sh\e[2J\nerror: all is well""#,
      #"""
      the task name 'sh\u001b[2J\nerror: all is well' cannot be used
        at app.yaml:13
        try: lower-case letters, digits and hyphens, a letter first
      """#),
    Mistake(
      "stack: 512", "stak: 512",
      """
      task 'shell': unknown key 'stak'
        at app.yaml:14
        try: 'stack', if that was meant
      """),
    Mistake(
      "tick: 1 ms", "clock: 1 ms",
      """
      app: unknown key 'clock'
        at app.yaml:3
        try: one of app, boards, tick, tasks
      """),
    Mistake(
      "calls: [driver", "calls: [drivr",
      """
      task 'shell' calls 'drivr', which is no task
        at app.yaml:15
        try: 'driver', if that was meant
      """),
    Mistake(
      "notifies: { driver: [go] }", "notifies: { logger: [go] }",
      """
      task 'shell' notifies 'logger', which is no task
        at app.yaml:16
        try: one of supervisor, driver
      """),
    Mistake(
      "peripherals: [uart]", "peripherals: [uatr]",
      """
      task 'driver': board 'toy' has no peripheral 'uatr'
        at app.yaml:11
        try: 'uart', if that was meant
      """),
    Mistake(
      "uart-tx: tx", "uart-xt: tx",
      """
      task 'driver': board 'toy' has no interrupt 'uart-xt'
        at app.yaml:12
        try: 'uart-tx', if that was meant
      """),
    Mistake(
      "uart-tx: tx", "uart-tx: done",
      """
      task 'driver': interrupt 'uart-tx' posts 'done', which is no notification of this task
        at app.yaml:12
        try: one of rx, tx, go
      """),
    Mistake(
      "name: shell", "name: Shell",
      """
      the task name 'Shell' cannot be used
        at app.yaml:13
        try: lower-case letters, digits and hyphens, a letter first
      """),
    Mistake(
      "name: shell", "name: idle",
      """
      the task name 'idle' is the kernel's own
        at app.yaml:13
        try: another name
      """),
    Mistake(
      "name: shell", "name: driver",
      """
      two tasks are called 'driver'
        at app.yaml:13
        the other is at line 8
        try: another name
      """),
    Mistake(
      "stack: 512", "stack: 512\n    folder: Driver",
      """
      tasks 'driver' and 'shell' share the folder 'Driver'
        at app.yaml:15
        try: a folder for each: their modules differ by it
      """),
    Mistake(
      "stack: 512", "stack: 512\n    folder: my-shell",
      """
      task 'shell': the folder 'my-shell' cannot name a struct
        at app.yaml:15
        try: folder: Shell
      """),
    Mistake(
      "[rx, tx, go]", "[rx, TX]",
      """
      task 'driver': the notification 'TX' cannot be used
        at app.yaml:10
        try: lower-case letters, digits and hyphens, a letter first
      """),
    Mistake(
      "[rx, tx, go]", "[rx-1, rx1]",
      """
      task 'driver': 'rx-1' and 'rx1' have one name in Swift, 'rx1'
        at app.yaml:10
        try: names that differ by more than a hyphen
      """),
    Mistake(
      "boards: [toy]", "boards: [mps2-an385, mps2-an386]",
      """
      app 'demo' is not made for board 'toy'
        at app.yaml:2
        try: mps2-an385 or mps2-an386, or add it to 'boards'
      """),
    Mistake(
      "app: demo", "app: Demo",
      """
      app: the name 'Demo' cannot be used
        at app.yaml:1
        try: lower-case letters, digits and hyphens, a letter first
      """),
  ]

  static let values = [
    Mistake(
      "stack: 512", "stack: 512\n    keeps: 18 B",
      """
      task 'shell': 18 bytes to keep are no multiple of 4
        at app.yaml:15
        they are read and written a word at a time
        try: keeps: 20
      """),
    Mistake(
      "stack: 512", "stack: 512\n    keeps: 0",
      """
      task 'shell': it cannot keep 0 bytes, 4 to 16384 can be kept
        at app.yaml:15
        try: no 'keeps' for a task that keeps nothing
      """),
    Mistake(
      "stack: 512", "stack: 512\n    keeps: 20 KB",
      """
      task 'shell': it cannot keep 20480 bytes, 4 to 16384 can be kept
        at app.yaml:15
        try: keeps: 16 B
      """),
    Mistake(
      "stack: 512", "stack: 512\n    keeps: much",
      """
      task 'shell': keeps cannot be 'much'
        at app.yaml:15
        try: a number such as 16 B
      """),
    Mistake(
      "stack: 512", "stack: 64",
      """
      task 'shell': a stack of 64 bytes is too small, 96 is the least on 'toy'
        at app.yaml:14
        an exception alone stores 32 bytes there
        try: stack: 512, then what 'footprint stack' says
      """),
    Mistake(
      "stack: 512", "stack: 500",
      """
      task 'shell': a stack of 500 bytes is no multiple of 8
        at app.yaml:14
        try: stack: 504
      """),
    Mistake(
      "stack: 512", "stack: 8 MB",
      """
      task 'shell': a stack of 8388608 bytes is larger than the ram of 'toy', 4096 bytes
        at app.yaml:14
        try: stack: 512, then what 'footprint stack' says
      """),
    Mistake(
      "stack: 512", "stack: big",
      """
      task 'shell': stack cannot be 'big'
        at app.yaml:14
        try: a number such as 512
      """),
    Mistake(
      "    stack: 512\n", "",
      """
      task 'shell': 'stack' is missing
        at app.yaml:13
        try: stack: 512
      """),
    Mistake(
      "stack: 512", "stack: 512\n    stack: 256",
      """
      not YAML: the key 'stack' stands twice
        at app.yaml:14
        try: spaces, not tabs; 'key: value'; each key once
      """),
    Mistake(
      "tick: 1 ms", "tick: 0.00001 s",
      """
      app: a tick of 10 us is too short, the least is \(stay.cycles / 25 + 1) us on 'toy'
        at app.yaml:3
        it is 250 clocks of 25000000 Hz; the kernel may keep a tick waiting for \(stay.cycles)
        that is \(stay.way), \(stay.instructions) instructions with 3 tasks and 2 interrupts
        try: tick: 1 ms
      """),
    Mistake(
      "tick: 1 ms", "tick: 2 s",
      """
      app: a tick of 2000000 us cannot be made on 'toy'
        at app.yaml:3
        its timer counts up to 16777216 whole clocks of 25000000 Hz
        try: 1 ms, or anything up to 671088 us that is a whole number of clocks
      """),
    Mistake(
      "tick: 1 ms", "tick: 1",
      """
      app: tick cannot be '1'
        at app.yaml:3
        try: a number such as 1 ms
      """),
    Mistake(
      "[fault, timer]", "[timer]",
      """
      task 'supervisor': the supervisor's first notification must be 'fault'
        at app.yaml:7
        the first task is the supervisor; the kernel posts its bit 0 at each fault
        try: notifications: [fault, timer]
      """),
    Mistake(
      "[rx, tx, go]", "[rx, tx, \((0..<31).map { "n\($0)" }.joined(separator: ", "))]",
      """
      task 'driver': there are 33 notifications, at most 32 fit
        at app.yaml:10
        try: one bit for two events
      """),
    Mistake(
      "[rx, tx, go]", "[rx, tx, rx]",
      """
      task 'driver': 'rx' stands twice in notifications
        at app.yaml:10
        try: 'rx' once
      """),
    Mistake(
      "notifies: { driver: [go] }", "notifies: [driver]",
      """
      task 'shell': notifies is no mapping
        at app.yaml:16
        try: notifies: { shell: [input] }
      """),
    Mistake(
      "notifies: { driver: [go] }", "notifies: { driver: go }",
      """
      task 'shell': notifies is no list
        at app.yaml:16
        try: notifies: { driver: [input] }
      """),
    Mistake(
      "notifies: { driver: [go] }", "notifies: { driver: [] }",
      """
      task 'shell' notifies 'driver' of nothing
        at app.yaml:16
        try: driver: [go]
      """),
    Mistake(
      "notifies: { driver: [go] }", "notifies: { driver: [stop] }",
      """
      task 'shell' notifies 'driver' of 'stop', which is no notification of 'driver'
        at app.yaml:16
        try: one of go
      """),
    Mistake(
      "notifies: { driver: [go] }", "notifies: { driver: [go, tx] }",
      """
      task 'shell' notifies 'driver' of 'tx', which interrupt 'uart-tx' posts
        at app.yaml:16
        what a task may post, it can forge
        try: another notification of 'driver' for this
      """),
    Mistake(
      "notifies: { driver: [go] }", "notifies: { supervisor: [fault] }",
      """
      task 'shell' notifies 'supervisor' of 'fault', which the kernel alone posts
        at app.yaml:16
        what a task may post, it can forge
        try: another notification of 'supervisor' for this
      """),
    Mistake(
      "notifies: { driver: [go] }", "notifies: { driver: [go], driver: [go] }",
      """
      not YAML: the key 'driver' stands twice
        at app.yaml:16
        try: spaces, not tabs; 'key: value'; each key once
      """),
    Mistake(
      Fixture.app.split(separator: "tasks:\n")[1].description, "  []",
      """
      app: there is no supervisor, the list of tasks is empty
        at app.yaml:5
        try: a first task that restarts the others
      """),
    Mistake(
      "boards: [toy]", "boards: []",
      """
      app: no board is listed
        at app.yaml:1
        try: boards: [mps2-an385]
      """),
    Mistake(
      "  - name: shell",
      (0..<30).map { "  - name: t\($0)\n    stack: 96\n" }.joined() + "  - name: shell",
      """
      app: there are 33 tasks, at most 31 and idle fit
        at app.yaml:71
        try: one task for two jobs
      """),
    Mistake(
      "tasks:", "tasks: {",
      """
      not YAML: did not find expected node content
        at app.yaml:5
        try: spaces, not tabs; 'key: value'; each key once
      """),
  ]

  static let owners = [
    Mistake(
      "[fault, timer]", "[fault, timer]\n    calls: [driver]",
      """
      task 'supervisor' (priority 0) calls 'driver' (priority 1), which is less important
        at app.yaml:8
        a task waits only for more important ones: no ring, no deadlock
        try: 'notifies', and let 'driver' call; or list 'driver' above 'supervisor'
      """),
    Mistake(
      "calls: [driver", "calls: [shell",
      """
      task 'shell' calls itself
        at app.yaml:15
        try: a function call
      """),
    Mistake(
      "notifies: { driver: [go] }", "notifies: { shell: [go] }",
      """
      task 'shell' notifies itself
        at app.yaml:16
        try: a variable
      """),
    Mistake(
      "stack: 512", "stack: 512\n    peripherals: [uart]",
      """
      peripheral 'uart' has two owners, 'driver' and 'shell'
        at app.yaml:15
        the other is at line 11
        try: one of them, and messages from the other
      """),
    Mistake(
      "stack: 512", "stack: 512\n    notifications: [rx]\n    interrupts: { uart-rx: rx }",
      """
      interrupt 'uart-rx' has two owners, 'driver' and 'shell'
        at app.yaml:16
        the other is at line 12
        try: one of them, and 'notifies' to the other
      """),
    Mistake(
      "uart-rx: rx, uart-tx: tx", "both-rx: rx, both-tx: tx",
      """
      task 'driver': interrupt 5, 'both-rx' and 'both-tx', posts two notifications, 'rx' and 'tx'
        at app.yaml:12
        one line of the board can post one bit
        try: both-tx: rx
      """),
    Mistake(
      "peripherals: [uart]", "peripherals: [uart, ether]",
      """
      task 'driver': peripheral 'ether' moves memory by itself, past the MPU
        at app.yaml:11
        its owner can read and write every task and the kernel
        try: dma: [ether] in this task, if it is trusted with all memory
      """),
    Mistake(
      "peripherals: [uart]", "peripherals: [uart]\n    dma: [uart]",
      """
      task 'driver': 'dma' names 'uart', no such device of this task moves memory
        at app.yaml:12
        try: only peripherals of this task that board.yaml marks with dma
      """),
  ]

  @Test("Two names of one line are fine where they mean the same; so is a marked device with DMA.")
  func allowed() throws {
    let app = try Fixture.parsedApp(
      Fixture.app.changing("uart-rx: rx, uart-tx: tx", to: "both-rx: rx, both-tx: rx")
        .changing("[uart]", to: "[uart, ether]\n    dma: [ether]"))
    #expect(app.tasks[1].interrupts.map(\.number) == [5, 5])
    #expect(app.tasks[1].peripherals.count == 2)
  }

  @Test(
    "Text that is no manifest is refused as unreadable, whatever it is.",
    arguments: [
      "", "# nothing", "just words", "[1, 2]", "\t- a", "{ [a]: b }", "app: &a [*a]", "app: \u{0}",
      "tasks: [[[]]]", "app: demo\nboards: {}\ntasks: []", "---\napp: a\n---\napp: b",
      String(repeating: "[", count: 60_000), String(repeating: "- ", count: 30_000),
      String(repeating: "x", count: 70_000),
    ])
  func noManifest(_ text: String) {
    let error = #expect(throws: PlanError.self) { try Fixture.parsedApp(text) }
    #expect(error?.exitCode == 2)
    #expect(error?.location?.file == "app.yaml")
  }

  @Test("Aliases, which can grow without end, are refused with their line.")
  func aliases() {
    let text = "a: &a [x, x]\n" + (0..<40).map { "? [*a, *a]\n: \($0)\n" }.joined()
    let error = #expect(throws: PlanError.self) { try Fixture.parsedApp("# a & b\n" + text) }
    #expect(
      error?.description == """
        anchors and aliases are not read here: '&'
          at app.yaml:2
          try: the value itself, written out
        """)
  }

  @Test("Seven peripherals are one too many: code and stack need a region each.")
  func tooManyRegions() {
    let devices = (0..<7).map { "  d\($0): { base: 0x4001_\($0)000, size: 4 KB }\n" }.joined()
    let names = (0..<7).map { "d\($0)" }.joined(separator: ", ")
    let error = #expect(throws: PlanError.self) {
      try Fixture.parsedApp(
        Fixture.app.changing("[uart]", to: "[\(names)]"),
        board: Fixture.board.changing("peripherals:\n", to: "peripherals:\n\(devices)"))
    }
    #expect(
      error?.description == """
        task 'driver': 7 peripherals, code and stack need 9 MPU regions, 'toy' has 8
          at app.yaml:11
          try: a second task for some of the peripherals
        """)
  }
}
