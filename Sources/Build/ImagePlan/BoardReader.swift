// ImagePlan/BoardReader.swift: board.yaml -> Board, and the refusals that need no app.
// What comes out has devices outside the memories, the PPB and the bit-band aliases.

extension Board {
  /// Reads `text`, the contents of `file`, and checks what can be checked without an app.
  ///
  /// - Throws: `PlanError` that names the line: an unknown or a missing key, a value that cannot be
  ///   read, two devices that overlap, an address that no task may ever have.
  public init(parsing text: String, file: String) throws(PlanError) {
    let document = try Document(parsing: text, file: file, subject: "board")
    let fields = try Fields(document, known: Self.keys)
    name = try fields.required("name", example: "mps2-an385").text("name").value
    processor = try Self.processor(fields.required("cpu", example: "cortex-m3"))
    hasFloatingPoint = try fields["floatingPoint"].map(Self.flag) ?? false
    clockHertz = try fields.required("clock", example: "25 MHz")
      .quantity("clock", example: "25 MHz", Quantity.hertz).value
    interruptCount = try Self.count(
      fields.required("interruptCount", example: "32"), "interruptCount", in: 1...240)
    regionCount = try Self.count(
      fields.required("mpuRegions", example: "8"), "mpuRegions", in: 8...8)
    flash = try Self.memory(
      fields.required("flash", example: "{ base: 0, size: 256 KB }").named("flash"), dma: nil
    )
    .window
    ram = try Self.memory(
      fields.required("ram", example: "{ base: 0x2000_0000, size: 64 KB }").named("ram"), dma: nil
    )
    .window
    let qemu = try Fields(
      fields.required("qemu", example: "{ machine: mps2-an385 }").named("qemu"), known: ["machine"])
    machine = try qemu.required("machine", example: "mps2-an385").text("machine").value
    peripherals = []
    interrupts = []
    try readPeripherals(fields["peripherals"])
    try readInterrupts(fields["interrupts"])
    guard !flash.overlaps(ram) else {
      throw PlanError(
        "flash \(flash) and ram \(ram) overlap", at: document.location,
        try: "the addresses of the board's manual")
    }
  }

  private static let keys = [
    "name", "cpu", "floatingPoint", "clock", "interruptCount", "mpuRegions", "flash", "ram",
    "peripherals", "interrupts", "qemu",
  ]

  private mutating func readPeripherals(_ document: Document?) throws(PlanError) {
    for (key, value) in try document?.entries("peripherals") ?? [] {
      try Self.checkName(key, among: peripherals.map(\.name))
      let subject = "peripheral '\(key.value)'"
      let (window, driver, movesMemory) = try Self.memory(value.named(subject), dma: false)
      if let area = Self.forbiddenAreas.first(where: { $0.window.overlaps(window) }) {
        throw PlanError(
          "\(subject) at \(window) lies in \(area.name), \(area.window)", at: key.location,
          context: [area.reason], try: area.cure)
      }
      for (memory, what) in [(flash, "flash"), (ram, "ram")] where memory.overlaps(window) {
        throw PlanError(
          "\(subject) at \(window) overlaps \(what) at \(memory)", at: key.location,
          try: "the addresses of the board's manual")
      }
      if let other = peripherals.first(where: { $0.window.overlaps(window) }) {
        throw PlanError(
          "\(subject) at \(window) overlaps peripheral '\(other.name)' at \(other.window)",
          at: key.location, try: "one peripheral for both, or a smaller size")
      }
      guard Cover.regions(for: window, limit: 1) != nil else {
        throw PlanError(
          "\(subject) at \(window) cannot be one MPU region", at: key.location,
          context: ["a region is a run of eighths of a power of two, at a multiple of that power"],
          try: "a base and a size that are multiples of 32, or split the device")
      }
      peripherals.append(
        Peripheral(name: key.value, window: window, driver: driver, movesMemory: movesMemory))
    }
  }

  private mutating func readInterrupts(_ document: Document?) throws(PlanError) {
    for (key, value) in try document?.entries("interrupts") ?? [] {
      try Self.checkName(key, among: interrupts.map(\.name))
      let number = try value.named("interrupt '\(key.value)'").quantity(
        "number", example: "5", Quantity.integer)
      guard (0..<interruptCount).contains(number.value) else {
        throw PlanError(
          "interrupt '\(key.value)' has number \(number.value), "
            + "the board has 0...\(interruptCount - 1)",
          at: number.location, try: "a number below \(interruptCount), or a larger 'interruptCount'"
        )
      }
      interrupts.append(Interrupt(name: key.value, number: number.value))
    }
  }

  /// Names become Swift's: they must be able to, and stay different.
  private static func checkName(
    _ name: Located<String>, among others: [String]
  ) throws(PlanError) {
    guard Identifier.isName(name.value) else {
      throw PlanError(
        "board: the name '\(name.value)' cannot be used", at: name.location,
        try: "lower-case letters, digits and hyphens, a letter first")
    }
    let word = Identifier.lowerCamelCase(name.value)
    if let other = others.first(where: { Identifier.lowerCamelCase($0) == word }) {
      throw PlanError(
        "board: '\(other)' and '\(name.value)' have one name in Swift, '\(word)'",
        at: name.location, try: "names that differ by more than a hyphen")
    }
  }

  private static func memory(
    _ document: Document, dma: Bool?
  ) throws(PlanError) -> (window: Window, driver: Driver?, movesMemory: Bool) {
    let known = dma == nil ? ["base", "size"] : ["base", "size", "driver", "dma"]
    let fields = try Fields(document, known: known)
    let base = try fields.required("base", example: "0x4000_4000")
      .quantity("base", example: "0x4000_4000", Quantity.integer)
    let size = try fields.required("size", example: "4 KB")
      .quantity("size", example: "4 KB", Quantity.bytes)
    guard base.value >= 0, size.value > 0, base.value < 1 << 32, size.value < 1 << 32,
      base.value + size.value <= 1 << 32
    else {
      throw PlanError(
        "\(document.subject): base \(base.value) and size \(size.value) leave the 4 GB of addresses",
        at: document.location, try: "the addresses of the board's manual")
    }
    let window = Window(
      base: UInt32(truncatingIfNeeded: base.value), size: UInt32(truncatingIfNeeded: size.value))
    return (
      window, try fields["driver"].map(driver), try fields["dma"].map(flag) ?? false
    )
  }

  private static func processor(_ document: Document) throws(PlanError) -> Processor {
    try choice(document, "cpu", Processor.allCases)
  }

  private static func driver(_ document: Document) throws(PlanError) -> Driver {
    try choice(document, "driver", Driver.allCases)
  }

  private static func choice<Choice: RawRepresentable<String>>(
    _ document: Document, _ what: String, _ choices: [Choice]
  ) throws(PlanError) -> Choice {
    let written = try document.text(what)
    guard let choice = Choice(rawValue: written.value) else {
      throw PlanError(
        "\(document.subject): unknown \(what) '\(written.value)'", at: written.location,
        try: Spelling.advice(for: written.value, in: choices.map(\.rawValue)))
    }
    return choice
  }

  private static func flag(_ document: Document) throws(PlanError) -> Bool {
    let written = try document.text("a flag")
    switch written.value {
    case "true": return true
    case "false": return false
    default:
      throw PlanError(
        "\(document.subject): '\(written.value)' is neither true nor false", at: written.location,
        try: "true or false", kind: .unreadable)
    }
  }

  private static func count(
    _ document: Document, _ what: String, in range: ClosedRange<Int>
  ) throws(PlanError) -> Int {
    let number = try document.quantity(what, example: "\(range.upperBound)", Quantity.integer)
    guard range.contains(number.value) else {
      throw PlanError(
        "\(document.subject): \(what) is \(number.value), it can be \(range.lowerBound)"
          + (range.count == 1 ? "" : " to \(range.upperBound)"),
        at: number.location, try: "\(what): \(range.upperBound)")
    }
    return number.value
  }

  private typealias Area = (window: Window, name: String, reason: String, cure: String)

  /// Addresses that no task may have, whatever a board file says.
  private static let forbiddenAreas: [Area] =
    [
      (
        Window(base: 0x2200_0000, size: 0x0200_0000), "the bit-band alias of RAM",
        "a write there changes a bit of another task's memory, past the MPU",
        "the address of the word itself, not of its alias"
      ),
      (
        Window(base: 0x4200_0000, size: 0x0200_0000), "the bit-band alias of the peripherals",
        "a write there changes a bit of another task's peripheral, past the MPU",
        "the address of the register itself, not of its alias"
      ),
      (
        Window(base: 0xE000_0000, size: 0x0010_0000), "the private peripheral bus",
        "the NVIC, SysTick and the MPU itself are there; they are the kernel's",
        "a kernel call: setTimer for time, irqControl for interrupts"
      ),
    ]
}
