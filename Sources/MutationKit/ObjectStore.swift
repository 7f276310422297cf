// MutationKit/ObjectStore.swift: a `swiftc` that keeps what it has compiled, for builds that repeat.
// The key is the command, the sources' bytes and the modules that they import: a change is seen.

import Foundation

/// A folder with a stand-in for the Swift compiler.
struct ObjectStore {
  let folder: URL

  /// Puts the stand-in in front of PATH, for this process and its children.
  func install() throws {
    let files = FileManager.default
    let bin = folder.appending(path: "bin")
    try files.createDirectory(at: bin, withIntermediateDirectories: true)
    try files.createDirectory(
      at: folder.appending(path: "kept"), withIntermediateDirectories: true)
    let path = ProcessInfo.processInfo.environment["PATH"] ?? ""
    let compiler = path.split(separator: ":").map { "\($0)/swiftc" }
      .first { files.isExecutableFile(atPath: $0) }
    guard let compiler else {
      throw MutationError("'swiftc' is not installed", try: "install Swift 6.3 from swift.org")
    }
    // The linker must be the one of the same toolchain, and is looked for beside the compiler.
    let tools = URL(filePath: compiler).resolvingSymlinksInPath().deletingLastPathComponent()
    for name in ["ld.lld", "swift-demangle"] {
      try files.createSymbolicLink(
        at: bin.appending(path: name), withDestinationURL: tools.appending(path: name))
    }
    let script = bin.appending(path: "swiftc")
    try Data(text(compiler).utf8).write(to: script)
    try files.setAttributes([.posixPermissions: 0o755], ofItemAtPath: script.path)
    setenv("PATH", "\(bin.path):\(path)", 1)
  }

  /// What differs between two jobs in a command (the folder's name) is left out of the key.
  private func text(_ compiler: String) -> String {
    """
    #!/bin/sh
    name= out= prev= sources= target= include=
    for a; do
      case $prev in
      -module-name) name=$a ;;
      -o|-emit-module-path) out=$a ;;
      -I) include="$include $a" ;;
      esac
      case $a in *.swift) sources="$sources $a" ;; -mcpu=*|-lto=*) target="$target$a" ;; esac
      prev=$a
    done
    case $target in *-mcpu*) ;; *) exec \(compiler) "$@" ;; esac
    case $name in
    ApusABI) modules= ;;
    ApusKernel) modules=ApusABI ;;
    ApusCortexM) modules="ApusABI ApusKernel" ;;
    Apus) modules=ApusABI ;;
    *) modules="ApusABI Apus" ;;
    esac
    for m in $modules; do
      for i in $include; do [ -f "$i/$m.swiftmodule" ] && sources="$sources $i/$m.swiftmodule"; done
    done
    key=\(folder.path)/kept/$(cat $sources | md5sum | cut -c1-32)-$name$target-${out##*/}
    [ -f "$key" ] && exec cp "$key" "$out"
    \(compiler) "$@" || exit
    cp "$out" "$key.$$" && mv "$key.$$" "$key"
    """
  }
}
