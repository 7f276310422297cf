// FootprintKitTests/StackTests.swift: static bounds of programs whose worst case is known by hand.
// Measured against QEMU in BootTests' images; here the code itself is the reference.

import ELFKit
import FootprintKit
import Foundation
import Testing

@Suite struct StackTests {
  /// Assembles and links a program whose entry is `root`.
  static func image(_ assembly: String) throws -> ELFFile {
    let folder = FileManager.default.temporaryDirectory
      .appendingPathComponent("apus-stack-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    let source = folder.appendingPathComponent("a.S")
    let image = folder.appendingPathComponent("a.elf")
    let head =
      ".syntax unified\n.thumb\n.text\n.macro fn name\n.global \\name\n.type \\name, %function\n.thumb_func\n\\name:\n.endm\n"
    try (head + assembly + "\n").write(to: source, atomically: true, encoding: .utf8)
    _ = try run(
      "arm-none-eabi-gcc",
      [
        "-mcpu=cortex-m3", "-mthumb", "-nostdlib", "-Wl,-e,root", "-Wl,-Ttext=0x100", source.path,
        "-o", image.path,
      ])
    return try ELFFile(path: image.path)
  }

  /// Bounds `root` in a program.
  static func bound(_ assembly: String, _ options: StackOptions = StackOptions()) throws
    -> StackEntry
  {
    var options = options
    options.roots = ["root"]
    let report = try StackReport(try image(assembly), name: "a", options: options)
    return try #require(report.entries.first)
  }

  @Test("The bound is the deepest path, not the sum of all calls.")
  func deepest() throws {
    let entry = try Self.bound(
      """
      fn root
      push {r4, lr}
      bl small
      bl large
      pop {r4, pc}
      fn small
      push {r4-r7, lr}
      pop {r4-r7, pc}
      fn large
      sub sp, #64
      add sp, #64
      bx lr
      """)
    #expect(entry.bound == 8 + 64)
    #expect(entry.isProven)
    #expect(entry.path == ["root +8", "large +64"])
  }

  @Test("A call costs the depth at which it is made, not the deepest of its function.")
  func depthAtCall() throws {
    let entry = try Self.bound(
      """
      fn root
      push {lr}
      bl leaf
      sub sp, #100
      add sp, #100
      pop {pc}
      fn leaf
      sub sp, #20
      add sp, #20
      bx lr
      """)
    #expect(entry.bound == 104)
  }

  @Test("A tail call starts where its function has already popped.")
  func tailCall() throws {
    let entry = try Self.bound(
      """
      fn root
      push {r4-r7, lr}
      pop {r4-r7, lr}
      b.w target
      fn target
      sub sp, #16
      add sp, #16
      bx lr
      """)
    #expect(entry.bound == 20)
    #expect(entry.isProven)
  }

  @Test("Both ways of a branch and all targets of a table are followed.")
  func branches() throws {
    let entry = try Self.bound(
      """
      fn root
      cmp r0, #2
      bhi 3f
      tbb [pc, r0]
      .byte (1f - 4b) / 2, (2f - 4b) / 2
      1: sub sp, #8
      add sp, #8
      bx lr
      2: sub sp, #48
      add sp, #48
      bx lr
      3: bx lr
      """.replacing("tbb [pc, r0]", with: "tbb [pc, r0]\n4:"))
    #expect(entry.bound == 48)
    #expect(entry.isProven)
  }

  @Test("A conditional return goes on, too.")
  func conditionalReturn() throws {
    let entry = try Self.bound(
      """
      fn root
      push {r4, lr}
      cmp r0, #0
      it eq
      popeq {r4, pc}
      sub sp, #24
      add sp, #24
      pop {r4, pc}
      """)
    #expect(entry.bound == 32)
  }

  @Test("Recursion is told by its ring, and the bound is no proof.")
  func recursion() throws {
    let entry = try Self.bound(
      "fn root\npush {lr}\nbl other\npop {pc}\nfn other\npush {lr}\nbl root\npop {pc}")
    #expect(!entry.isProven)
    #expect(entry.doubts == ["recursion: root -> other -> root"])
  }

  @Test("A call through a pointer is told, and a declared edge makes it a proof.")
  func indirect() throws {
    let program = """
      fn root
      push {lr}
      ldr r3, [r0]
      blx r3
      pop {pc}
      fn callee
      sub sp, #40
      add sp, #40
      bx lr
      """
    let open = try Self.bound(program)
    #expect(open.doubts == ["'root' calls through a pointer; try: --edge 'root=TARGET'"])
    let closed = try Self.bound(program, try StackOptions(edgeArguments: ["root=callee"]))
    #expect(closed.isProven)
    #expect(closed.bound == 44)
  }

  @Test("A pointer that is loaded as a constant is followed, also across calls that keep it.")
  func constantPointer() throws {
    let entry = try Self.bound(
      """
      fn root
      push {r4, lr}
      ldr r4, =callee
      bl nothing
      blx r4
      pop {r4, pc}
      .ltorg
      fn nothing
      bx lr
      fn callee
      sub sp, #40
      add sp, #40
      bx lr
      """)
    #expect(entry.isProven)
    #expect(entry.bound == 48)
  }

  @Test("A register that a callee changes is forgotten.")
  func changedPointer() throws {
    let entry = try Self.bound(
      """
      fn root
      push {r4, lr}
      ldr r4, =callee
      bl outlined
      blx r4
      pop {r4, pc}
      .ltorg
      fn outlined
      ldr r4, [r0]
      bx lr
      fn callee
      bx lr
      """)
    #expect(!entry.isProven)
  }

  @Test("A stack that moves by a variable, or grows in a loop, is told.")
  func variable() throws {
    #expect(try !Self.bound("fn root\nsub sp, sp, r0\nbx lr").isProven)
    let loop = try Self.bound("fn root\n1: push {r0}\nsubs r1, #1\nbne 1b\nbx lr")
    #expect(loop.doubts == ["'root' pushes in a loop"])
  }

  @Test("Code behind a call that never returns is not followed.")
  func noReturn() throws {
    let entry = try Self.bound(
      "fn root\npush {lr}\nbl stop\n.word 0xffffffff\nfn stop\n1: b 1b")
    #expect(entry.isProven)
    #expect(entry.bound == 4)
  }

  @Test("A function that is excepted counts for nothing.")
  func exceptions() throws {
    let entry = try Self.bound(
      "fn root\npush {lr}\nbl crime\npop {pc}\nfn crime\n1: push {r0-r7}\nb 1b",
      StackOptions(exceptions: ["cri*"]))
    #expect(entry.isProven)
    #expect(entry.bound == 4)
  }

  @Test(
    "In C, the doubts are those that the source contains, whatever the flags.",
    arguments: Foreign.allCases.filter { $0 != .stripped && $0 != .lto })
  func foreign(way: Foreign) throws {
    let report = try StackReport(try way.file(), name: "x", options: StackOptions())
    let reset = try #require(report.entries.first)
    #expect(reset.doubts.contains { $0.hasPrefix("recursion: deep") })
    #expect(reset.doubts.contains { $0.hasPrefix("'indirect' calls through a pointer") })
    #expect(reset.doubts.contains { $0.hasPrefix("'dynamic' moves the stack") })
    #expect(reset.bound >= 64 + 32)
  }

  @Test(
    "A frame is never below what the compiler's call frame information states.",
    arguments: [Foreign.sections, .plain, .dwarf4])
  func callFrames(way: Foreign) throws {
    let file = try way.file()
    for frame in try file.callFrames() {
      guard let symbol = file.symbol(containing: frame.address) else { continue }
      let report = try StackReport(file, name: "x", options: StackOptions(roots: [symbol.name]))
      #expect(try #require(report.entries.first).bound >= frame.maximumOffset, "\(symbol.name)")
    }
  }

  @Test("More measured than proven is unsound; a worst case that does not fit is a no.")
  func verdicts() {
    func report(bound: Int, measured: Int?, proven: Bool = true) -> StackReport {
      StackReport(
        image: "x",
        entries: [
          StackEntry(
            name: "shell", kind: .task, bound: bound, isProven: proven, reserved: 512,
            measured: measured, path: [], doubts: [])
        ])
    }
    #expect(report(bound: 500, measured: 501).verdict()?.exit == .unsound)
    #expect(report(bound: 500, measured: 501, proven: false).verdict() == nil)
    #expect(report(bound: 513, measured: nil).verdict()?.exit == .no)
    #expect(
      report(bound: 513, measured: nil).verdict()?.description
        == "stack of 'shell': the worst case needs 513 bytes, reserved are 512; try: 'stack: 544'")
    #expect(report(bound: 512, measured: 512).verdict() == nil)
  }

  @Test("An exception finds the stack aligned to 8 bytes and adds 32, with FPU context 104.")
  func frames() {
    #expect(StackReport.withException(40, hasFloatingPoint: false) == 72)
    #expect(StackReport.withException(44, hasFloatingPoint: false) == 80)
    #expect(StackReport.withException(40, hasFloatingPoint: true) == 144)
  }
}
