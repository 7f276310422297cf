// FootprintKitTests/Foreign.swift: images that we did not make: C, GNU ld, many ways of building.
// Each is built once for all tests, in a temporary folder, by the compiler that `make` installs.

import ELFKit
import FootprintKit
import Foundation

/// A way of building the same C program.
enum Foreign: String, CaseIterable, Sendable {
  case sections, plain, lto, stripped, undebugged, dwarf4, manyMemories, overfull

  var flags: [String] {
    switch self {
    case .sections: ["-Os", "-g", "-ffunction-sections", "-fdata-sections", "-Wl,--gc-sections"]
    case .plain: ["-O0", "-g"]
    case .lto: ["-Os", "-g", "-flto", "-ffunction-sections"]
    case .stripped: ["-Os", "-g", "-Wl,-s"]
    case .undebugged: ["-Os"]
    case .dwarf4: ["-O2", "-gdwarf-4"]
    case .manyMemories: ["-Os", "-g", "-DMANY=1"]
    case .overfull: ["-Os", "-g", "-DBIG=3000"]
    }
  }

  /// The linker script, which declares the memories.
  var script: String {
    let extra =
      self == .manyMemories
      ? """
      .ccm (NOLOAD) : { *(.ccm) } > CCM
      .external : { *(.external) } > EXTERNAL
      """ : ""
    let more =
      self == .manyMemories
      ? """
      CCM (rw) : ORIGIN = 0x10000000, LENGTH = 64K
      EXTERNAL (rx) : ORIGIN = 0x60000000, LENGTH = 1M
      """ : ""
    return """
      MEMORY {
        FLASH (rx) : ORIGIN = 0x08000000, LENGTH = 256K /* all of it */
        RAM (rwx) : ORIGIN = 0x20000000, LENGTH = 64K
        \(more)
      }
      ENTRY(reset)
      SECTIONS {
        .vectors : { KEEP(*(.vectors)) } > FLASH
        .text : { *(.text*) } > FLASH
        .rodata : { *(.rodata*) } > FLASH
        .ARM.exidx : { *(.ARM.exidx*) } > FLASH
        .data : { *(.data*) } > RAM AT> FLASH
        .bss (NOLOAD) : { *(.bss*) *(COMMON) } > RAM
        \(extra)
      }
      """
  }

  static let source = """
    #include <stdint.h>
    void reset(void);
    void hang(void) { for (;;); }
    __attribute__((section(".vectors"), used)) void (*const vectors[16])(void) =
      { (void (*)(void))0x20001000, reset, hang, hang, hang, hang, hang };
    static uint32_t counter = 3;
    uint8_t buffer[100];
    uint16_t odd[3] = { 1, 2, 3 };
    const char message[] = "hello there";
    #ifdef BIG
    const char big[BIG] = { 1 };
    #endif
    #ifdef MANY
    __attribute__((section(".ccm"))) uint32_t fast[50];
    __attribute__((section(".external"))) const uint32_t picture[200] = { 1, 2, 3 };
    #endif
    typedef int (*fn)(int);
    static int __attribute__((noinline)) helper(int x) { volatile int a[10]; a[x] = x; return a[x]; }
    fn table[2] = { helper, 0 };
    int __attribute__((noinline)) deep(int n)
    { volatile char b[64]; b[n & 63] = n; return n ? deep(n - 1) + b[0] : helper(n); }
    int __attribute__((noinline)) leaf(int a) { return a + buffer[a]; }
    int __attribute__((noinline)) tail(int n) { counter++; return leaf(n + 1); }
    int __attribute__((noinline)) middle(int n) { volatile int a[6]; a[n] = leaf(n); return a[n] + tail(n); }
    int __attribute__((noinline)) dynamic(int n) { volatile char b[n]; b[0] = n; return b[n - 1]; }
    int __attribute__((noinline)) indirect(int n) { return table[n & 1](n) + 1; }
    void reset(void)
    {
      buffer[1] = message[counter]; middle(3); indirect(2); deep(4); dynamic(odd[1]);
    #ifdef BIG
      buffer[2] = big[counter];
    #endif
    #ifdef MANY
      fast[counter] = picture[counter];
    #endif
      for (;;) ;
    }
    """

  var url: URL { Self.folder.appendingPathComponent("\(rawValue).elf") }
  var scriptURL: URL { Self.folder.appendingPathComponent("\(rawValue).ld") }

  /// The bytes of the built image.
  func file() throws -> ELFFile {
    try Self.built.get()
    return try ELFFile(path: url.path)
  }

  func options() throws -> ReadingOptions {
    ReadingOptions(memories: try LinkerScript.memories(script))
  }

  static let folder = FileManager.default.temporaryDirectory
    .appendingPathComponent("apus-foreign-\(ProcessInfo.processInfo.processIdentifier)")

  /// Builds all of them, once.
  static let built = Result {
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    let c = folder.appendingPathComponent("main.c")
    try source.write(to: c, atomically: true, encoding: .utf8)
    for way in allCases {
      try way.script.write(to: way.scriptURL, atomically: true, encoding: .utf8)
      _ = try run(
        "arm-none-eabi-gcc",
        ["-mcpu=cortex-m3", "-mthumb", "-nostdlib", "-T", way.scriptURL.path] + way.flags
          + [c.path, "-o", way.url.path, "-lgcc"])
    }
  }
}

/// A tool that failed.
struct ToolFailure: Error, CustomStringConvertible {
  var description: String
}

/// Runs a tool of the PATH and returns its standard output.
func run(_ tool: String, _ arguments: [String]) throws -> String {
  let process = Process()
  process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
  process.arguments = [tool] + arguments
  let output = Pipe()
  let errors = Pipe()
  process.standardOutput = output
  process.standardError = errors
  try process.run()
  let text = output.fileHandleForReading.readDataToEndOfFile()
  let complaint = errors.fileHandleForReading.readDataToEndOfFile()
  process.waitUntilExit()
  guard process.terminationStatus == 0 else {
    throw ToolFailure(description: "\(tool): \(String(decoding: complaint, as: UTF8.self))")
  }
  return String(decoding: text, as: UTF8.self)
}
