// BenchKit/LargeELF.swift: makes an Arm ELF with more than 5 MB of code and DWARF, by the C compiler.
// The program is never run; it has the shape of firmware: many files, functions, types and tables.

import Foundation
import QEMUKit

/// The input on which `footprint report` is timed.
enum LargeELF {
  static let unitCount = 32
  static let functionCount = 150
  /// What the file must have to count as large.
  static let byteCount = 5_000_000

  /// The file in `output`, compiled if it is not there: about 20 s of a processor.
  ///
  /// - Throws: `QEMUError` if the compiler fails or the file is too small.
  static func file(in output: URL) throws -> URL {
    let files = FileManager.default
    let folder = output.appending(path: "large")
    let file = folder.appending(path: "large.elf")
    if try size(of: file) >= byteCount { return file }
    try files.createDirectory(at: folder, withIntermediateDirectories: true)
    let sources = (0..<unitCount).map { folder.appending(path: "unit\($0).c") }
    for (number, source) in sources.enumerated() {
      try Data(unit(number).utf8).write(to: source)
    }
    let compiler = Process()
    compiler.executableURL = URL(filePath: "/usr/bin/env")
    compiler.arguments =
      [
        "arm-none-eabi-gcc", "-mcpu=cortex-m3", "-mthumb", "-O1", "-g", "-nostdlib",
        "-Wl,-e,main", "-Wl,-Ttext=0", "-Wl,-Tdata=0x20000000", "-Wl,-Tbss=0x20000000",
        "-o", file.path,
      ] + sources.map(\.path)
    compiler.standardInput = FileHandle.nullDevice
    try compiler.run()
    compiler.waitUntilExit()
    guard compiler.terminationStatus == 0 else {
      throw QEMUError("arm-none-eabi-gcc ended with status \(compiler.terminationStatus)")
    }
    let count = try size(of: file)
    guard count >= byteCount else {
      throw QEMUError("'\(file.path)' has \(count) bytes, \(byteCount) are needed to measure")
    }
    return file
  }

  private static func size(of file: URL) throws -> Int {
    guard FileManager.default.fileExists(atPath: file.path) else { return 0 }
    return try FileManager.default.attributesOfItem(atPath: file.path)[.size] as? Int ?? 0
  }

  /// One source file.
  static func unit(_ number: Int) -> String {
    let functions = (0..<functionCount).map { function in
      let name = "\(number)_\(function)"
      return """
        struct record_\(name) {
          unsigned key, value;
          struct record_\(name) *next;
          unsigned char bytes[\(function % 13 + 4)];
        };
        struct record_\(name) table_\(name)[\(function % 5 + 1)];
        static inline unsigned mix_\(name)(unsigned left, unsigned right) {
          unsigned sum = left ^ \(function + 7)u;
          return sum * 33 + right;
        }
        unsigned find_\(name)(struct record_\(name) *first, unsigned key, unsigned *steps) {
          unsigned hash = 5381;
          for (struct record_\(name) *at = first; at; at = at->next) {
            unsigned mixed = mix_\(name)(hash, at->value);
            if (at->key == key) return mixed;
            hash = mix_\(name)(mixed, *steps);
            *steps += 1;
          }
          return hash;
        }

        """
    }
    return functions.joined() + (number == 0 ? "int main(void) { for (;;) {} }\n" : "")
  }
}
