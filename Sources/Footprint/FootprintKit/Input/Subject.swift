// FootprintKit/Input/Subject.swift: what the user named: an ELF, a bundle or a saved report.
// Every failure names the path as the user wrote it.

import ELFKit
import Foundation
import ImagePlan

/// Something a report can be made of.
public enum Subject: Sendable {
  case elf(path: String, file: ELFFile)
  case bundle(ImageBundle)
  case saved(Report)

  /// Finds out what `path` is: a folder with `plan.json`, a saved report, or an ELF.
  public init(path: String) throws(FootprintError) {
    var isFolder: ObjCBool = false
    let exists = FileManager.default.fileExists(atPath: path, isDirectory: &isFolder)
    guard exists else { throw FootprintError(.unreadable, "cannot read '\(path)': no such file") }
    if isFolder.boolValue {
      do {
        self = .bundle(try ImageBundle(reading: URL(fileURLWithPath: path)))
      } catch {
        throw FootprintError(.unreadable, "\(error)")
      }
      return
    }
    if path.hasSuffix(".json") {
      guard let data = FileManager.default.contents(atPath: path) else {
        throw FootprintError(.unreadable, "cannot read '\(path)'")
      }
      self = .saved(try Report(json: data, name: path))
      return
    }
    self = .elf(path: path, file: try Subject.read(path))
  }

  /// Reads an ELF, naming its path in every error.
  static func read(_ path: String) throws(FootprintError) -> ELFFile {
    do {
      return try ELFFile(path: path)
    } catch {
      if case .unreadable = error { throw FootprintError(.unreadable, "\(error)") }
      throw FootprintError(.unreadable, "cannot read '\(path)': \(error)")
    }
  }

  /// The name of an ELF in a report: its file name.
  static func name(of path: String) -> String { URL(fileURLWithPath: path).lastPathComponent }

  /// One report of several subjects: ELFs share an address space, anything else stands alone.
  public static func report(
    paths: [String], options: ReadingOptions = ReadingOptions()
  ) throws(FootprintError) -> Report {
    var subjects: [Subject] = []
    for path in paths { subjects.append(try Subject(path: path)) }
    if let only = subjects.first, subjects.count == 1 { return try only.report(options: options) }
    var files: [(name: String, file: ELFFile)] = []
    for subject in subjects {
      guard case .elf(let path, let file) = subject else {
        throw FootprintError(.unreadable, "only ELFs can be put into one report; try: one bundle")
      }
      files.append((name(of: path), file))
    }
    return try Report(files, options: options)
  }

  /// The worst-case stacks.
  public func stacks(options: StackOptions = StackOptions()) throws(FootprintError) -> StackReport {
    switch self {
    case .bundle(let bundle): return try StackReport(bundle, options: options)
    case .elf(let path, let file):
      return try StackReport(file, name: Subject.name(of: path), options: options)
    case .saved:
      throw FootprintError(.unreadable, "a saved report holds no code; try: the ELF or the bundle")
    }
  }

  /// The ELFs with code, by the names of their parts.
  private func codeFiles() throws(FootprintError) -> [(name: String, file: ELFFile)] {
    switch self {
    case .elf(let path, let file): return [(Self.name(of: path), file)]
    case .saved:
      throw FootprintError(.unreadable, "a saved report holds no code; try: the ELF or the bundle")
    case .bundle(let bundle):
      var result = [(name: "kernel", file: try Self.read(bundle.kernel.path))]
      for task in bundle.plan.tasks where !task.elf.isEmpty {
        let path = bundle.directory.appendingPathComponent(task.elf).path
        result.append((task.name, try Self.read(path)))
      }
      return result
    }
  }

  /// What keeps a symbol: an answer for each part of a bundle that has it.
  public func why(_ symbol: String) throws(FootprintError) -> String {
    let files = try codeFiles()
    var answers: [String] = []
    var failure: FootprintError?
    for (name, file) in files {
      do {
        answers.append((files.count > 1 ? "\(name): " : "") + (try Why(symbol, in: file)).text)
      } catch {
        // Of several parts that cannot answer, one that found too many says more than one without.
        if failure == nil || !"\(error)".hasPrefix("there is no") { failure = error }
      }
    }
    if answers.isEmpty, let failure { throw failure }
    return answers.joined(separator: "\n")
  }

  /// The checks that can trap, for each part.
  public func traps() throws(FootprintError) -> [Traps] {
    try codeFiles().map { Traps($0.file, name: $0.name) }
  }

  /// The report; `options` matter for a plain ELF alone.
  public func report(options: ReadingOptions = ReadingOptions()) throws(FootprintError) -> Report {
    switch self {
    case .saved(let report): return report
    case .bundle(let bundle): return try Report(bundle)
    case .elf(let path, let file):
      do {
        return try Report(
          file, name: URL(fileURLWithPath: path).lastPathComponent, options: options)
      } catch {
        throw FootprintError(error.exit, "'\(path)': \(error)")
      }
    }
  }
}
