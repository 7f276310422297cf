// MutationKit/ObjectStore.swift: a compiler and a linker that keep what they made, for builds that
// repeat all but one step.
// The key is the command, the sources' bytes and the modules that they import: a change is seen.

import Foundation

/// A folder with stand-ins for the Swift compiler and its linker.
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
    try? files.createSymbolicLink(
      at: bin.appending(path: "swift-demangle"),
      withDestinationURL: tools.appending(path: "swift-demangle"))
    let linker = tools.appending(path: "ld.lld").path
    for (name, text) in [("swiftc", compilerScript(compiler)), ("ld.lld", linkerScript(linker))] {
      let script = bin.appending(path: name)
      try Data(text.utf8).write(to: script)
      try files.setAttributes([.posixPermissions: 0o755], ofItemAtPath: script.path)
    }
    setenv("PATH", "\(bin.path):\(path)", 1)
  }

  /// What differs between two jobs in a command (the folder's name) is left out of the key.
  private func compilerScript(_ compiler: String) -> String {
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

  private func linkerScript(_ linker: String) -> String {
    """
    #!/bin/sh
    out= prev= inputs= words=
    for a; do
      case $prev in -o) out=$a ;; -T) inputs="$inputs $a" ;; esac
      case $a in *.o) inputs="$inputs $a" ;; --*) words="$words $a" ;; esac
      prev=$a
    done
    key=\(folder.path)/kept/$( (cat $inputs; echo $words) | md5sum | cut -c1-32)-${out##*/}
    [ -f "$key" ] && exec cp "$key" "$out"
    \(linker) "$@" || exit
    cp "$out" "$key.$$" && mv "$key.$$" "$key"
    """
  }
}
