// ApusBuildTests/ToolsTests.swift: a missing tool names itself and the way to get it.

import Foundation
import Testing

@testable import ApusBuild

@Suite struct ToolsTests {
  private var path: String { ProcessInfo.processInfo.environment["PATH"] ?? "" }

  @Test("The tools of this machine are found, the linker beside the real compiler.")
  func found() throws {
    let tools = try Tools(path: path)
    #expect(tools.linker.hasSuffix("/ld.lld"))
    #expect(tools.assembler.hasSuffix("/arm-none-eabi-gcc"))
  }

  @Test("A missing assembler is named with the apt command, a missing compiler with its source.")
  func missing() throws {
    let swiftc = try Tools(path: path).swiftc
    let folder = URL(filePath: swiftc).deletingLastPathComponent().path
    let assembler = #expect(throws: BuildError.self) { try Tools(path: folder) }
    #expect(
      assembler?.description == """
        'arm-none-eabi-gcc' is not installed
          try: sudo apt-get install gcc-arm-none-eabi
        """)
    #expect(assembler?.exitCode == 2)
    let compiler = #expect(throws: BuildError.self) { try Tools(path: "/nowhere") }
    #expect(compiler?.message == "'swiftc' is not installed")
  }

  @Test("A failing tool's error holds its words and a command that a shell reads back.")
  func failure() async throws {
    let error = await #expect(throws: BuildError.self) {
      try await Tools.run("/bin/sh", ["-c", "echo it broke >&2; exit 3"], "the test")
    }
    #expect(
      error?.description == """
        the test failed
        it broke
          command: /bin/sh -c 'echo it broke >&2; exit 3'
        """)
  }

  @Test("Each thing that no image may contain has its cure.")
  func cures() {
    #expect(ImageChecks.isForbidden("swift_once"))
    #expect(ImageChecks.isForbidden("$s4Task7counter_WZ"))
    #expect(ImageChecks.isForbidden("posix_memalign"))
    #expect(!ImageChecks.isForbidden("apus_task_start"))
    #expect(ImageChecks.cure(for: "posix_memalign").hasPrefix("no class"))
    #expect(ImageChecks.cure(for: "swift_once").hasPrefix("a computed"))
    #expect(ImageChecks.cure(for: "__aeabi_uldivmod").hasPrefix("32-bit division"))
    #expect(ImageChecks.cure(for: "__aeabi_fadd").hasPrefix("integers"))
  }
}
