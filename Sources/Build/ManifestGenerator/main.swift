// ManifestGenerator/main.swift: what a task's host build gets from the manifest, by ManifestPlugin.
// It writes one file and prints nothing but an error; the text is ImagePlan's.

import Foundation
import ImagePlan

/// Stops the host build with a message that an editor can jump to.
func fail(_ text: String, code: Int32) -> Never {
  FileHandle.standardError.write(Data("error: \(text)\n".utf8))
  exit(code)
}

/// The text of the file at `url`, shown as `name` in errors.
func read(_ url: URL, as name: String) throws(PlanError) -> String {
  guard let data = try? Data(contentsOf: url) else {
    throw PlanError(
      "'\(name)' is missing", try: "the repository as it was cloned", kind: .unreadable)
  }
  return String(decoding: data, as: UTF8.self)
}

let arguments = CommandLine.arguments.dropFirst()
guard arguments.count == 4 else {
  fail("usage: ManifestGenerator REPOSITORY APP.YAML TASK-FOLDER OUTPUT", code: 64)
}
let root = URL(fileURLWithPath: arguments[1])
let manifestFile = URL(fileURLWithPath: arguments[2])
do {
  let manifest = try Manifest(
    parsing: read(manifestFile, as: manifestFile.path), file: manifestFile.path)
  let boardFile = "boards/\(manifest.boards[0].value)/board.yaml"
  let text = try read(root.appendingPathComponent(boardFile), as: boardFile)
  let app = try App(manifest, on: Board(parsing: text, file: boardFile))
  guard let index = app.tasks.firstIndex(where: { $0.folder == arguments[3] }) else {
    throw PlanError(
      "no task of '\(app.name)' lies in the folder '\(arguments[3])'",
      at: SourceLocation(file: manifestFile.path, line: 1),
      try: app.tasks.map(\.folder).joined(separator: " or "))
  }
  try Data(app.source(ofTask: index).utf8).write(to: URL(fileURLWithPath: arguments[4]))
} catch let error as PlanError {
  fail(error.description, code: error.exitCode)
} catch {
  fail("cannot write '\(arguments[4])': \(error.localizedDescription)", code: 2)
}
