// ApusBuildTests/StepCacheTests.swift: a cached build gives what a clean one gives, to the byte.

import Foundation
import ImagePlan
import Testing

@testable import ApusBuild

@Suite(.serialized) struct StepCacheTests {
  /// The names of the cache's folders.
  private func entries(_ bench: Workbench) throws -> Set<String> {
    let cache = bench.root.appending(path: "build/cache").path
    return Set(try FileManager.default.contentsOfDirectory(atPath: cache)).subtracting(["pruned"])
  }

  private func touch(_ bench: Workbench, _ notification: String) throws {
    try bench.worker("while true { Call.receiveNotifications(\(notification)) }")
  }

  @Test("After an edit, and its undoing, a cached build is a clean one's, wherever that lies.")
  func edits() async throws {
    let bench = try Workbench()
    try touch(bench, "1")
    let first = try await bench.contents()
    try touch(bench, "3")
    let edited = try await bench.contents()
    try touch(bench, "1")
    #expect(try await bench.contents() == first)
    let clean = try Workbench()
    try touch(clean, "3")
    #expect(try await clean.contents() == edited && edited != first)
    #expect(edited.keys.sorted().starts(with: ["image.elf", "kernel.elf", "plan.json"]))
  }

  @Test("A build without an edit makes nothing; an edit in a task makes its object and its links.")
  func what() async throws {
    let bench = try Workbench()
    let bundle = try await bench.contents()
    let before = try entries(bench)
    #expect(try await bench.contents() == bundle)
    #expect(try entries(bench) == before)
    // Another repository makes nothing, either, and gets the same bytes, debug information too.
    let guest = try Workbench()
    let other = try await guest.contents(
      output: guest.root.appending(path: "elsewhere"),
      cache: bench.root.appending(path: "build/cache"))
    #expect(other == bundle)
    #expect(try entries(bench) == before)
    try touch(bench, "5")
    _ = try await bench.contents()
    let names = try entries(bench).subtracting(before).flatMap { entry in
      try FileManager.default.contentsOfDirectory(
        atPath: bench.root.appending(path: "build/cache/\(entry)").path)
    }
    #expect(names.sorted() == ["ProbeWorker.o", "linked.elf", "linked.elf"])
    #expect(try !entries(bench).contains { $0.hasPrefix("draft") })
  }

  @Test("Two builds of one bundle at once, from nothing, both succeed, and the bundle is whole.")
  func together() async throws {
    let bench = try Workbench()
    try await withThrowingTaskGroup(of: Void.self) { group in
      for _ in 0..<2 { group.addTask { _ = try await bench.build(cache: nil) } }
      try await group.waitForAll()
    }
    let bundle = try bench.contents(of: bench.root.appending(path: "build/mps2-an385/probe"))
    #expect(try await bench.contents(output: bench.root.appending(path: "alone")) == bundle)
    #expect(try !entries(bench).contains { $0.hasPrefix("draft") })
  }

  @Test("A step that fails leaves nothing, and is made again.")
  func failure() async throws {
    let bench = try Workbench()
    try bench.worker("nothing()")
    for _ in 0..<2 {
      let error = await #expect(throws: BuildError.self) { try await bench.build(cache: nil) }
      #expect(error?.detail.contains("nothing") == true)
    }
    #expect(try !entries(bench).contains { $0.hasPrefix("draft") })
    try touch(bench, "1")
    _ = try await bench.build(cache: nil)
  }

  @Test("A flag, a header, an imported module, the script: whatever changes, its products do.")
  func inputs() async throws {
    let bench = try Workbench()
    try bench.own("Sources/Runtime")
    try bench.own("linker")
    _ = try await bench.build(cache: nil)
    func made(_ edit: () throws -> Void, board: String? = nil) async throws -> Set<String> {
      let before = try entries(bench)
      try edit()
      _ = try await bench.build(board: board, cache: nil)
      return Set(
        try entries(bench).subtracting(before).flatMap { entry in
          try FileManager.default.contentsOfDirectory(
            atPath: bench.root.appending(path: "build/cache/\(entry)").path)
        })
    }
    let headers = try await made {
      try bench.append("// \n", "Sources/Runtime/CApus/include/CApus.h")
    }
    #expect(headers.isSuperset(of: ["ApusABI.swiftmodule", "ProbeWorker.o", "ApusCortexM.o"]))
    let script = try await made { try bench.append("/* */\n", "linker/task.ld") }
    #expect(script == ["linked.elf"])
    let board = try await made({}, board: "mps2-an386")
    #expect(board.isSuperset(of: ["Apus.swiftmodule", "Entry.o", "linked.elf"]))
  }

  @Test("Where one part ends and the next begins makes a difference.")
  func parts() {
    func text(_ parts: [String]) -> String {
      var fingerprint = Fingerprint()
      for part in parts { fingerprint.add(part) }
      return fingerprint.text
    }
    let all = [["ab", "c"], ["a", "bc"], ["abc"], ["abc", ""], ["", "abc"], ["abd"]].map(text)
    #expect(Set(all).count == 6 && all.allSatisfy { $0.count == 32 })
    #expect(text(["abc"]) == all[2])
  }

  @Test("What no build has asked for in a month is removed, a day after the last look.")
  func pruning() async throws {
    let folder = FileManager.default.temporaryDirectory.appending(path: "apus-cache-\(UUID())")
    defer { try? FileManager.default.removeItem(at: folder) }
    let cache = StepCache(folder: folder)
    let old = try await cache.source("Old.swift", "old")
    let young = try await cache.source("Young.swift", "young")
    let files = FileManager.default
    try files.setAttributes(
      [.modificationDate: Date.now - 31 * 24 * 3600], ofItemAtPath: old.folder.path)
    cache.prune()
    #expect(!files.fileExists(atPath: old.file.path))
    #expect(files.fileExists(atPath: young.file.path))
    cache.prune(now: .now + 23 * 3600)
    #expect(files.fileExists(atPath: young.file.path))
    cache.prune(now: .now + 32 * 24 * 3600)
    #expect(!files.fileExists(atPath: young.file.path))
  }

  @Test("A cache with more than 2,000 products loses those that were not used for an hour.")
  func limit() async throws {
    let folder = FileManager.default.temporaryDirectory.appending(path: "apus-cache-\(UUID())")
    defer { try? FileManager.default.removeItem(at: folder) }
    let cache = StepCache(folder: folder)
    let files = FileManager.default
    let old = try await cache.source("Old.swift", "old")
    let young = try await cache.source("Young.swift", "young")
    try files.setAttributes([.modificationDate: Date.now - 3700], ofItemAtPath: old.folder.path)
    cache.prune()
    #expect(files.fileExists(atPath: old.file.path))
    for number in 0..<StepCache.limit {
      try files.createDirectory(
        at: folder.appending(path: "\(number)"), withIntermediateDirectories: false)
    }
    cache.prune()
    #expect(!files.fileExists(atPath: old.file.path))
    #expect(files.fileExists(atPath: young.file.path))
  }

  @Test("A product whose file is gone is made again, whatever is left of its folder.")
  func removed() async throws {
    let folder = FileManager.default.temporaryDirectory.appending(path: "apus-cache-\(UUID())")
    defer { try? FileManager.default.removeItem(at: folder) }
    let cache = StepCache(folder: folder)
    let product = try await cache.source("A.swift", "text")
    try FileManager.default.removeItem(at: product.file)
    let again = try await cache.source("A.swift", "text")
    #expect(again.file == product.file)
    #expect(try String(contentsOf: again.file, encoding: .utf8) == "text")
  }
}
