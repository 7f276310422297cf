// ConformanceKit/Catalogue.swift: every number of the catalogue of attacks, and what shows it.
// A number without a case of its own is a named test of the tree, or a reason; none is left out.

/// A number of the catalogue of what a hostile task does.
public struct CatalogueEntry: Sendable {
  /// What shows a number.
  public enum Shown: Sendable {
    /// The cases whose names begin with it.
    case ownCases
    /// Cases of other names.
    case cases([String])
    /// Tests with these titles, elsewhere in the tree.
    case tests([String])
    /// Nothing: what the boards or the kernel's contract do not have.
    case reason(String)
  }

  /// A letter for the family and two digits.
  public var number: String
  /// What is tried, where no case says it.
  public var subject: String
  public var shown: Shown

  init(_ number: String, _ subject: String = "", _ shown: Shown = .ownCases) {
    (self.number, self.subject, self.shown) = (number, subject, shown)
  }

  /// The names of the cases that show the number.
  public var cases: [String] {
    switch shown {
    case .ownCases: Case.all.map(\.name).filter { $0.hasPrefix(number + "_") }
    case .cases(let names): names
    case .tests, .reason: []
    }
  }

  /// All numbers, in order; numbers that are missing do not exist.
  public static let all: [CatalogueEntry] =
    (ownNumbers.map { CatalogueEntry($0) } + shownByCases + shownByTests + notApplicable)
    .sorted { $0.number < $1.number }

  private static let ownNumbers = """
    M01 M02 M03 M04 M05 M06 M07 M08 M09 M12 M14 M17 M18 M19 M20 M21 M23 P01 P02 P03 P04 P05
    P06 P07 P08 P09 P10 P11 P12 P13 S01 S02 S03 S04 S05 S07 S08 S09 E01 E02 E03 E05 E06 E07
    E09 E10 E11 E14 E15 E19 E20 R01 R02 R03 R07 F01 F02 F04 F05 F06 F08 A01 A02 A03 A04 A09
    A10 V01 V02 V03 V04 V07 V08 V09 V12 I01 I02 I03 I04 I05 I06 I07 I09 I12 I13 I14 I17 L02
    L03 L04 L05 L06 L07 L09 N01 N02 N03 N05 N06 T01 T03 T05 X01 X02 X03 X04 X06 X07 X09 X10
    X12
    """.split { $0.isWhitespace }.map(String.init)

  private static let shownByCases = [
    CatalogueEntry(
      "F03", "floating point, then a fault, then a restart", .cases(["test_floating_point_fault"])),
    CatalogueEntry(
      "F07", "an extended frame across the top, saved at once", .cases(["F04_top_edge"])),
    CatalogueEntry(
      "L01", "a borrow from a task that does not wait",
      .cases(["test_borrow_without_peer_waiting"])),
    CatalogueEntry("D02", "storms of calls", .cases(["A11_storm", "T05_storm"])),
    CatalogueEntry(
      "X08", "short, long and unreadable requests to the kernel",
      .cases(["A04_indices", "X09_supervisors_buffer", "X11_junk_above"])),
  ]

  private static let notApplicable = [
    CatalogueEntry(
      "M15", "a limit off by 32", .reason("limit registers are ARMv8-M's; the boards are ARMv7-M")),
    CatalogueEntry(
      "M16", "memory attributes of another task",
      .reason("attribute registers are ARMv8-M's; the boards are ARMv7-M")),
    CatalogueEntry(
      "E13", "PendSV pended while the stack pointer is bad",
      .reason("PendSV is pended once, at boot, before any task has run")),
    CatalogueEntry(
      "R04", "a stack pointer that cannot be read at the resume",
      .reason(
        "a task resumes where the hardware has written its frame, under the same map; "
          + "the pointer lies in the kernel")),
    CatalogueEntry(
      "A08", "a function pointer in a call",
      .reason("no call takes one: arguments are indices, masks, slices and ticks")),
    CatalogueEntry(
      "I11", "a receive closed to one peer",
      .reason("there is none: a receive takes whoever is most important")),
    CatalogueEntry(
      "N04", "an interrupt number out of range",
      .reason("no call takes one: interrupts are named by the owner's notification bits")),
    CatalogueEntry(
      "D06", "rotation among equals",
      .reason("no two tasks are equal: the order in the manifest is the priority")),
    CatalogueEntry("H01", "errata of the cores", .reason("QEMU models none: silicon only")),
    CatalogueEntry(
      "H02", "a pended call on a Cortex-M0+", .reason("no board has one: it has no such MPU")),
    CatalogueEntry(
      "H03", "a buffered write that fails late",
      .reason("QEMU's bus errors are precise: silicon only")),
  ]

  private static let shownByTests = [
    CatalogueEntry(
      "M22", "a bit-band alias in a granted region, also after rounding",
      .tests([
        "A device beside a bit-band alias is accepted, one that reaches into it is refused.",
        "A task can touch its padded windows and its devices, and no other byte; 40 random sizes.",
      ])),
    CatalogueEntry(
      "P17", "a way to privileged code in thread mode",
      .tests([
        "The same trials break no wall of the kernel as it is."
      ])),
    CatalogueEntry(
      "E16", "an interrupt at every instruction of the kernel",
      .tests([
        "An interrupt at any instant of a trial changes nothing of it.",
        "Step by step the alarm meets every instruction of the kernel's way in and out.",
      ])),
    CatalogueEntry(
      "E18", "a way out that leaves a task privileged",
      .tests(["Crimes, deaths and resets of the console break no wall."])),
    CatalogueEntry(
      "R08", "a fresh frame outside the stack",
      .tests([
        "After boot every task can run in generation 0 with a frame of its own, the supervisor first.",
        "From every state, with every trace of the old life, the new one is as the first.",
      ])),
    CatalogueEntry(
      "A07", "the kernel's stack",
      .tests(["More measured than proven is unsound; a worst case that does not fit is a no."])),
    CatalogueEntry(
      "V06", "a slice across two windows",
      .tests([
        "A slice lies in one window: half in RAM and half in flash is refused, even side by side."
      ])),
    CatalogueEntry(
      "I15", "random requests to every server",
      .tests(["A request of another size faults its sender."])),
    CatalogueEntry(
      "I16", "tasks that wait in a ring",
      .tests(["Who owns and who reaches what is checked with the other's line."])),
    CatalogueEntry(
      "I18", "numbered messages under preemption",
      .tests(["Two thousand faults a board lose and double no message."])),
    CatalogueEntry(
      "N07", "an interrupt that nobody owns",
      .tests(["An interrupt that nobody owns is masked, and nobody is told."])),
    CatalogueEntry(
      "T06", "a sleep that ends early or takes the caller's timer",
      .tests([
        "A sleep lasts at least its ticks, even if its notification comes before.",
        "A sleep leaves the caller's own timer armed as it was.",
      ])),
    CatalogueEntry(
      "D01", "a task that never waits",
      .tests(["No simulated response time exceeds the bound that the analysis gives."])),
    CatalogueEntry(
      "D03", "the longest searches",
      .tests(["No passage through the kernel of a release image is longer than the table says."])),
    CatalogueEntry(
      "D05", "who runs after each way out of the kernel",
      .tests([
        "The most important runnable task runs after every way out; idle runs when all wait."
      ])),
    CatalogueEntry(
      "B01", "regions of the wrong size, place or number",
      .tests([
        "Addresses that no task may have are refused with the reason.",
        "A window that is no multiple of 32, or empty, has no cover.",
        "Seven peripherals are one too many: code and stack need a region each.",
      ])),
    CatalogueEntry(
      "B02", "regions that overlap",
      .tests([
        "Addresses that no task may have are refused with the reason.",
        "No two windows of an image overlap, and no MPU region reaches another's bytes.",
      ])),
    CatalogueEntry(
      "B03", "two owners, and devices that move memory",
      .tests([
        "Who owns and who reaches what is checked with the other's line.",
        "Two names of one line are fine where they mean the same; so is a marked device with DMA.",
      ])),
    CatalogueEntry(
      "B04", "no supervisor, unknown peers, rings, small stacks",
      .tests([
        "Names are checked with the nearest one as advice.",
        "Numbers and structure are checked with both numbers.",
        "Who owns and who reaches what is checked with the other's line.",
      ])),
    CatalogueEntry(
      "H04", "barriers after MPU and CONTROL",
      .tests([
        "No barrier is missing, and without any one of them the lint says which rule breaks."
      ])),
    CatalogueEntry(
      "G01", "a forged verdict", .tests(["A line without the session's number is nobody's word."])),
    CatalogueEntry(
      "G02", "a lock-up or a hang", .tests(["A lock-up is told from every other end."])),
    CatalogueEntry(
      "G03", "a broken kernel for the tests",
      .tests([
        "Explorer, model walk and random walk catch every broken kernel, as the table says."
      ])),
  ]
}
