// ApusBuild/Assembly.swift: the steps of one build, in the order in which they depend.
// Each step is a few lines that say what goes in and what comes out; flags are the recipe's.

import ELFKit
import Foundation
import ImagePlan
import PlainText

/// One build of one image.
struct Assembly: Sendable {
  let app: App
  let folder: URL
  let workshop: Workshop
  let recipe: Recipe

  /// Builds everything but plan.json, and returns the plan.
  func run() async throws -> Plan {
    let contract = try await workshop.run("compiling the contract") {
      try await recipe.module("ApusABI", recipe.swiftSources("Sources/Kernel/ApusABI"))
    }
    // The compilations of kernel and tasks share the cores; a failure of one ends the other.
    async let kernelObjects = compileKernel(contract)
    async let taskObjects = compileTasks(contract)
    let (kernelParts, taskParts) = try await (kernelObjects, taskObjects)
    async let kernelLayout = measureKernel(kernelParts)
    async let taskLayouts = each(taskParts) { index, parts in
      try await measureTask(index, parts)
    }
    let plan = try await Plan(app, kernel: kernelLayout, tasks: taskLayouts)
    async let kernel = linkKernel(kernelParts, plan)
    async let tasks = each(taskParts) { index, parts in
      try await linkTask(index, parts, plan.tasks[index])
    }
    try write(try await kernel, try await tasks)
    return plan
  }

  /// Runs `job` for every element at once, as far as the workshop lets, in the order of results.
  private func each<Element: Sendable, Result: Sendable>(
    _ elements: [Element], _ job: @escaping @Sendable (Int, Element) async throws -> Result
  ) async throws -> [Result] {
    try await withThrowingTaskGroup(of: (Int, Result).self) { group in
      for (index, element) in elements.enumerated() {
        group.addTask { (index, try await job(index, element)) }
      }
      var results: [(Int, Result)] = []
      for try await result in group { results.append(result) }
      return results.sorted { $0.0 < $1.0 }.map(\.1)
    }
  }

  // MARK: - Compiling

  private func compileKernel(_ contract: StepCache.Product) async throws -> [StepCache.Product] {
    let configuration = try await recipe.cache.source(
      "ImageConfiguration.swift", app.configurationSource)
    let port = try recipe.swiftSources("Sources/Ports/ApusCortexM") + [configuration.file]
    let assembly = try recipe.sources("Sources/Ports/ApusCortexM/Assembly", withExtension: "S")
    async let objects = each(assembly) { _, source in
      try await workshop.run("assembling the kernel") {
        try await recipe.assembly(source, taskCount: app.taskCount)
      }
    }
    let kernel = try await workshop.run("compiling the kernel") {
      try await recipe.module(
        "ApusKernel", recipe.swiftSources("Sources/Kernel/ApusKernel"), imports: [contract])
    }
    let object = try await workshop.run("compiling the port") {
      try await recipe.object("ApusCortexM", port, imports: [contract, kernel])
    }
    return try await objects + [object]
  }

  private func compileTasks(
    _ contract: StepCache.Product
  ) async throws -> [[StepCache.Product]] {
    let start = try recipe.sources("Sources/Runtime/Apus/Assembly", withExtension: "S")
    async let startObjects = each(start) { _, source in
      try await workshop.run("assembling the tasks' start") {
        try await recipe.assembly(source, taskCount: app.taskCount)
      }
    }
    let library = try await workshop.run("compiling the tasks' library") {
      try await recipe.module(
        "Apus", recipe.swiftSources("Sources/Runtime/Apus"), imports: [contract])
    }
    var modules = [contract, library]
    let appFolder = Repository(root: recipe.root).folder(of: app.name)
    // What an app's tasks say to each other may stand in a module of its own.
    let interface = "\(appFolder)/Interface"
    if FileManager.default.fileExists(atPath: recipe.root.appendingPathComponent(interface).path) {
      let name = appFolder.split(separator: "/").last.map(String.init) ?? ""
      modules.append(
        try await workshop.run("compiling the tasks' interface") {
          try await recipe.module(
            "\(name)Interface", recipe.swiftSources(interface), imports: [contract, library])
        })
    }
    let imports = modules
    let objects = try await each(app.tasks) { index, task in
      let generated = try await recipe.cache.source(
        "\(task.module)Manifest.swift", app.source(ofTask: index))
      let sources = try recipe.swiftSources("\(appFolder)/\(task.folder)") + [generated.file]
      return try await workshop.run("compiling task '\(task.name)'") {
        try await recipe.object(task.module, sources, imports: imports)
      }
    }
    let starts = try await startObjects
    return objects.map { starts + [$0] }
  }

  // MARK: - The kernel's links

  private func measureKernel(_ parts: [StepCache.Product]) async throws -> KernelLayout {
    let product = try await linkKernel(parts, tables: app.emptyTableSource)
    return try layout(of: ELFFile(path: product.file.path))
  }

  private func linkKernel(_ parts: [StepCache.Product], _ plan: Plan) async throws -> ELFFile {
    let product = try await linkKernel(parts, tables: plan.tableSource)
    let file = try hand(product, over: "kernel.elf")
    let layout = try layout(of: file)
    guard layout.flash == plan.kernel.flash, layout.ram == plan.kernel.ram else {
      throw BuildError(
        "the kernel moved between two links, from \(plan.kernel.flash) to \(layout.flash)",
        try: "a report of this: tables must not change the kernel's size")
    }
    let checks = ImageChecks(file: file, subject: "the kernel", tools: recipe.tools)
    try await checks.check()
    return file
  }

  private func linkKernel(
    _ parts: [StepCache.Product], tables: String
  ) async throws -> StepCache.Product {
    let source = try await recipe.cache.source("tables.S", tables)
    return try await workshop.run("linking the kernel") {
      let object = try await recipe.assembly(source.file, taskCount: app.taskCount)
      let board = app.board
      return try await recipe.link(
        "the kernel", parts + [object], script: "kernel.ld",
        symbols: [
          ("FLASH_BASE", Int(board.flash.base)), ("FLASH_SIZE", Int(board.flash.size)),
          ("RAM_BASE", Int(board.ram.base)), ("RAM_SIZE", Int(board.ram.size)),
          ("KERNEL_STACK", Recipe.kernelStackBytes),
        ],
        // Registers allocated across calls: a few bytes for nothing. Not in a task, where assembly in
        // a function of C hides from the compiler what it changes.
        options: ["-mllvm", "-enable-ipra"],
        // Only the tables name idle, and they do it by numbers.
        kept: ["apus_idle_code", "apus_idle_stack"])
    }
  }

  /// Where a linked kernel lies, by its loads, its sections and the symbols of its script.
  private func layout(of file: ELFFile) throws -> KernelLayout {
    let board = app.board
    let loads = file.segments.filter { $0.isLoad && $0.fileByteCount > 0 }
    let flashEnd =
      loads.map { UInt64($0.loadAddress) + UInt64($0.fileByteCount) }
      .filter { $0 <= board.flash.end }.max() ?? 0
    let ramEnd =
      file.sections
      .filter { $0.isAllocated && board.ram.contains(Window(base: $0.address, size: 0)) }
      .map(\.addressRange.upperBound).max() ?? 0
    func address(_ name: String) throws -> UInt32 {
      guard let symbol = file.symbol(named: name) else {
        throw BuildError(
          "the kernel does not define '\(name)'", try: "linker/kernel.ld and the port's assembly")
      }
      return symbol.address
    }
    let tables = Window(
      base: try address("__tables_start"), end: UInt64(try address("__tables_end")))
    let idleStack = try address("apus_idle_stack")
    return KernelLayout(
      flash: Window(base: board.flash.base, end: flashEnd),
      ram: Window(base: board.ram.base, end: ramEnd), tables: tables,
      idleCode: try address("apus_idle_code"),
      idleStack: Window(base: idleStack, size: board.hasFloatingPoint ? 128 : 32))
  }

  // MARK: - The tasks' links

  private func measureTask(
    _ index: Int, _ parts: [StepCache.Product]
  ) async throws -> TaskLayout {
    let product = try await linkTask(
      app.tasks[index], parts, flash: app.board.flash.base, ram: app.board.ram.base)
    return layout(of: try ELFFile(path: product.file.path), at: app.board.flash.base)
  }

  private func linkTask(
    _ index: Int, _ parts: [StepCache.Product], _ place: Plan.TaskPart
  ) async throws -> (place: Plan.TaskPart, file: ELFFile) {
    let task = app.tasks[index]
    let product = try await linkTask(
      task, parts, flash: place.flash.base, ram: place.ram.base)
    let file = try hand(product, over: place.elf)
    let layout = layout(of: file, at: place.flash.base)
    guard file.entry & ~1 == place.entry else {
      throw BuildError(
        "task '\(task.name)' begins at \(hexadecimal(file.entry & ~1)), not with its first byte, "
          + "\(hexadecimal(place.entry))",
        try: "linker/task.ld as it is: the start code comes first")
    }
    guard layout.flashBytes == place.flash.size else {
      throw BuildError(
        "task '\(task.name)' changed its size between two links, from \(place.flash.size) to "
          + "\(layout.flashBytes) bytes", try: "a report of this: code must not depend on its place"
      )
    }
    let checks = ImageChecks(file: file, subject: "task '\(task.name)'", tools: recipe.tools)
    try await checks.check()
    try await checks.checkNoVariables()
    return (place, file)
  }

  private func linkTask(
    _ task: App.Task, _ parts: [StepCache.Product], flash: UInt32, ram: UInt32
  ) async throws -> StepCache.Product {
    try await workshop.run("linking task '\(task.name)'") {
      try await recipe.link(
        "task '\(task.name)'", parts, script: "task.ld",
        symbols: [
          ("FLASH_ORIGIN", Int(flash)), ("RAM_ORIGIN", Int(ram)), ("STACK_SIZE", task.stackBytes),
        ])
    }
  }

  private func layout(of file: ELFFile, at base: UInt32) -> TaskLayout {
    let ends = file.sections.filter { $0.isAllocated && !$0.isWritable && $0.byteCount > 0 }
      .map(\.addressRange.upperBound)
    let end = UInt32(truncatingIfNeeded: ends.max() ?? UInt64(base))
    return TaskLayout(flashBytes: end - base)
  }

  // MARK: - The image

  /// Puts a copy of a linked ELF into the bundle as `name`, whole or not at all, and reads it.
  private func hand(_ product: StepCache.Product, over name: String) throws -> ELFFile {
    let data = try Data(contentsOf: product.file)
    try data.write(to: folder.appendingPathComponent(name), options: .atomic)
    return try ELFFile(path: product.file.path)
  }

  /// Writes one ELF with all that flash holds, and every name, a task's with its prefix.
  private func write(
    _ kernel: ELFFile, _ tasks: [(place: Plan.TaskPart, file: ELFFile)]
  ) throws {
    var image = ELFImage(
      entry: kernel.entry, parts: ELFImage.parts(of: kernel, name: "kernel"),
      symbols: ELFImage.symbols(of: kernel))
    for (place, file) in tasks {
      image.parts += ELFImage.parts(of: file, name: place.name)
      image.symbols += ELFImage.symbols(of: file, prefix: "\(place.name).")
    }
    try Data(image.serialized()).write(
      to: folder.appendingPathComponent("image.elf"), options: .atomic)
  }
}
