// ManifestPlugin/Plugin.swift: gives each task's host build the source made from its app.yaml.
// It reads no file: it only says which files the generator reads and writes.

import Foundation
import PackagePlugin

@main
struct ManifestPlugin: BuildToolPlugin {
  func createBuildCommands(context: PluginContext, target: Target) throws -> [Command] {
    let folder = target.directoryURL
    let manifest = folder.deletingLastPathComponent().appending(path: "app.yaml")
    let output = context.pluginWorkDirectoryURL.appending(path: "\(target.name)Manifest.swift")
    let root = context.package.directoryURL
    // Which board counts stands in the manifest: a change of any makes the file anew.
    let boards = root.appending(path: "boards")
    let names = try FileManager.default.contentsOfDirectory(atPath: boards.path).sorted()
    let inputs = names.map { boards.appending(path: "\($0)/board.yaml") } + [manifest]
    return [
      .buildCommand(
        displayName: "Reading app.yaml for \(target.name)",
        executable: try context.tool(named: "ManifestGenerator").url,
        arguments: [root.path, manifest.path, folder.lastPathComponent, output.path],
        inputFiles: inputs, outputFiles: [output])
    ]
  }
}
