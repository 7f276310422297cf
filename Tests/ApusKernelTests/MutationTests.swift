// ApusKernelTests/MutationTests.swift: kernels broken on purpose, which the walk must catch.
// The sources are copied, changed in one place and compiled; the tree itself is not touched.

import Foundation
import Testing

/// One piece of the kernel's text, and what breaks it.
struct Mutation: Sendable, CustomTestStringConvertible {
  var name: String
  var file: String
  var text: String
  var replacement: String

  init(_ name: String, _ file: String, _ text: String, _ replacement: String) {
    (self.name, self.file, self.text, self.replacement) = (name, file, text, replacement)
  }

  var testDescription: String { name }

  static let all = [
    Mutation(
      "the least important task runs", "Kernel", "runnable.first)",
      "31 - runnable.rawValue.trailingZeroBitCount)"),
    Mutation("an interrupt stays enabled when taken", "Kernel", "machine.mask(number)", ""),
    Mutation(
      "the least important sender is served", "Messages", "= tasks[caller].senders.first",
      "= 31 - tasks[caller].senders.rawValue.trailingZeroBitCount"),
    Mutation("a reply wakes nobody", "Messages", "wake(client)", ""),
    Mutation(
      "a reply may be longer than the room for it", "Messages",
      "&& byteCount <= tasks[client].registers.r8", ""),
    Mutation(
      "a receiver's bad buffer stops the sender", "Messages",
      "fault(destination, .badSlice, address: to", "fault(source, .badSlice, address: to"),
    Mutation(
      "a cut message has its cut length", "Messages",
      "tasks[receiver].registers.r5 = tasks[sender].registers.r6",
      "tasks[receiver].registers.r5 = min(tasks[sender].registers.r6, 8)"),
    Mutation("a post forgets earlier bits", "Notifications", "pending |= bits", "pending = bits"),
    Mutation(
      "a received notification stays pending", "Notifications", "tasks[index].pending ^= bits", ""),
    Mutation(
      "an identifier of an earlier life is accepted", "Calls",
      "UInt16(truncatingIfNeeded: tasks[caller].registers.r4) == tasks[index].id.rawValue",
      "tasks[caller].registers.r4 & 31 == UInt32(index)"),
    Mutation(
      "task 1 may use the services", "Calls", "if caller == 0 { serve", "if caller <= 1 { serve"),
    Mutation(
      "the dead code names the old life", "Restart", "= tasks[index].deadCode",
      "= ResponseCode.dead(generation: old.generation).rawValue"),
    Mutation(
      "a restart keeps a bit", "Restart", "tasks[index].pending = 0", "tasks[index].pending &= 1"),
    Mutation(
      "a restart keeps interrupts enabled", "Restart",
      "visitInterrupts(of: index, ~0, 0, &machine)", ""),
    Mutation("a timer is a tick late", "Time", "deadline <= now", "deadline < now"),
    Mutation("a timer is a tick early", "Time", "deadline <= now", "deadline <= now &+ 1"),
    Mutation("a stopped task's timer goes on", "Faults", "armed.remove(index)", ""),
    Mutation("a stopped sender keeps its turn", "Faults", "if state.isSending {", "if false {"),
    Mutation(
      "a lease outlives its lender's wait", "Leases",
      "tasks[lender].state == .awaitingReply(from: tasks[caller].id)",
      "tasks[lender].state.peer == tasks[caller].id"),
    Mutation(
      "a borrow runs over the lease's end", "Leases", "lease.byteCount &- offset)",
      "lease.byteCount)"),
    Mutation(
      "a slice may begin a byte early", "Slices", "let offset = address &- base",
      "let offset = address &- base &+ 1"),
    Mutation(
      "a slice may end a byte late", "Slices", "byteCount <= size &- offset",
      "byteCount <= size &- offset &+ 1"),
  ]
}

@Suite(.serialized) struct MutationTests {
  @Test("The walk names a disagreement for every broken kernel, and none for the kernel itself.")
  func everyMutationIsCaught() async throws {
    let workshop = try MutationWorkshop()
    defer { workshop.remove() }
    let honest = try workshop.outcome(of: nil, steps: 10_000)
    #expect(honest.status == 0, "the unchanged kernel: \(honest.text)")
    // Two at a time: each is a compiler for most of its life.
    await withTaskGroup(of: Void.self) { group in
      for half in 0..<2 {
        group.addTask {
          for (number, mutation) in Mutation.all.enumerated() where number % 2 == half {
            judge(mutation, in: workshop)
          }
        }
      }
    }
  }

  private func judge(_ mutation: Mutation, in workshop: MutationWorkshop) {
    do {
      let outcome = try workshop.outcome(of: mutation, steps: 10_000)
      #expect(outcome.status == 1, "not caught: \(mutation.name): \(outcome.text)")
      #expect(outcome.text.hasPrefix("seed "), "\(mutation.name): \(outcome.text)")
    } catch {
      Issue.record("\(mutation.name): \(error)")
    }
  }
}

/// A temporary folder with the walk compiled once, to be linked with one kernel after the other.
struct MutationWorkshop: Sendable {
  struct Problem: Error, CustomStringConvertible {
    var description: String
  }

  let folder: URL
  let sources: URL

  init() throws {
    let tests = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
    sources = tests.deletingLastPathComponent().deletingLastPathComponent()
      .appendingPathComponent("Sources")
    folder = FileManager.default.temporaryDirectory.appendingPathComponent("apus-\(UUID())")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    try compile("ApusABI", from: Self.swiftFiles(in: sources.appendingPathComponent("ApusABI")))
    let kernel = sources.appendingPathComponent("ApusKernel")
    try compile("ApusKernel", from: Self.swiftFiles(in: kernel))
    let main = folder.appendingPathComponent("main.swift")
    try Self.main.write(to: main, atomically: true, encoding: .utf8)
    let names = [
      "ToyMachine", "Model", "ModelServices", "Walk", "WalkChoices", "Lockstep", "Invariants",
    ]
    let walk = names.map { tests.appendingPathComponent($0 + ".swift").path }
    try run(
      ["-c", "-module-name", "Walk", "-o", path("Walk.o"), main.path] + walk)
  }

  func remove() { try? FileManager.default.removeItem(at: folder) }

  /// Walks from seed after seed until the steps are used up, or something is wrong.
  private static let main = """
    #if canImport(Darwin)
      import Darwin
    #else
      import Glibc
    #endif
    alarm(100)  // A kernel that never returns from a door is caught, too.
    let steps = CommandLine.arguments.last.flatMap { Int($0) } ?? 0
    for seed in UInt64(1)...20 {
      if let wrong = walk(seed: seed, steps: steps) {
        print(wrong)
        exit(1)
      }
    }
    """

  /// Compiles the kernel with `mutation` and lets it walk from twenty seeds, `steps` steps each.
  func outcome(of mutation: Mutation?, steps: Int) throws -> (status: Int32, text: String) {
    let place = folder.appendingPathComponent("\(UUID())")
    let files = FileManager.default
    // Resolved, because a copy of a link would lead back into the tree.
    let kernel = sources.appendingPathComponent("ApusKernel").resolvingSymlinksInPath()
    try files.copyItem(at: kernel, to: place)
    if let mutation {
      let file = place.appendingPathComponent(mutation.file + ".swift")
      var text = try String(contentsOf: file, encoding: .utf8)
      let count = text.components(separatedBy: mutation.text).count - 1
      guard count == 1 else {
        throw Problem(
          description: "'\(mutation.text)' stands \(count) times in \(mutation.file), not once")
      }
      text = text.replacingOccurrences(of: mutation.text, with: mutation.replacement)
      try text.write(to: file, atomically: true, encoding: .utf8)
    }
    try compile("ApusKernel", from: Self.swiftFiles(in: place), to: place.path)
    let program = place.path + "/walk"
    try run([
      path("ApusABI.o"), place.path + "/ApusKernel.o", path("Walk.o"), "-o", program,
    ])
    return try Self.launch(program, [String(steps)])
  }

  private func path(_ name: String) -> String { folder.appendingPathComponent(name).path }

  private static func swiftFiles(in folder: URL) throws -> [String] {
    try FileManager.default.contentsOfDirectory(atPath: folder.resolvingSymlinksInPath().path)
      .filter { $0.hasSuffix(".swift") }.sorted().map { folder.path + "/" + $0 }
  }

  /// Compiles a module to an object in `place`; a mutant's interface is not written.
  private func compile(_ module: String, from files: [String], to place: String? = nil) throws {
    var arguments = ["-parse-as-library", "-c", "-module-name", module]
    arguments += ["-o", (place ?? folder.path) + "/\(module).o"]
    if place == nil {
      arguments += ["-emit-module", "-emit-module-path", path(module + ".swiftmodule")]
    }
    try run(arguments + files)
  }

  private func run(_ arguments: [String]) throws {
    let common = ["swiftc", "-O", "-wmo", "-swift-version", "6", "-I", folder.path]
    let outcome = try Self.launch("/usr/bin/env", common + arguments)
    if outcome.status != 0 { throw Problem(description: "swiftc: \(outcome.text)") }
  }

  private static func launch(_ program: String, _ arguments: [String]) throws -> (
    status: Int32, text: String
  ) {
    let process = Process()
    let pipe = Pipe()
    process.executableURL = URL(fileURLWithPath: program)
    process.arguments = arguments
    process.standardOutput = pipe
    process.standardError = pipe
    try process.run()
    let bytes = pipe.fileHandleForReading.readDataToEndOfFile()
    process.waitUntilExit()
    return (process.terminationStatus, String(decoding: bytes.prefix(2_000), as: UTF8.self))
  }
}
