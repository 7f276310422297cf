// MutationKitTests/OperatorsTests.swift: what each operator makes of a few lines, and what it leaves.
// No compiler here: whether a mutant means anything is not the generator's question.

import Checkout
import Foundation
import Testing

@testable import MutationKit

@Suite struct OperatorsTests {
  static let root = Checkout.root

  /// What `kind` makes of `text`.
  func changes(_ kind: MutationKit.Operator, _ text: String, _ file: String = "A.swift") -> [String]
  {
    let part: Part = file.hasSuffix(".S") ? .assembly : .kernel
    return Catalogue.mutants(of: file, part, Array(text.utf8))
      .filter { $0.operator == kind }.map(\.after)
  }

  @Test("A condition is turned round, always holds, and never holds; a binding is left alone.")
  func conditions() {
    let text = """
      func f() {
        guard isGood, let x = y,
          a < b && c
        else { return }
        if run() { stop() }
      }
      """
    #expect(
      changes(.negate, text) == [
        "guard !(isGood), let x = y,", "!(a < b && c)", "if !(run()) { stop() }",
      ])
    #expect(
      changes(.always, text) == ["guard true, let x = y,", "true", "if true { stop() }"])
    #expect(
      changes(.never, text) == ["guard false, let x = y,", "false", "if false { stop() }"])
  }

  @Test("A comparison is off by one, or asks for the contrary; generics are no comparisons.")
  func comparisons() {
    #expect(
      changes(.compare, "let a = b < c || d >= e || f == g || h is Kernel<6>") == [
        "let a = b <= c || d >= e || f == g || h is Kernel<6>",
        "let a = b < c || d > e || f == g || h is Kernel<6>",
        "let a = b < c || d >= e || f != g || h is Kernel<6>",
      ])
  }

  @Test("A constant is one more and one less; a mask is one more and loses its lowest bit.")
  func constants() {
    #expect(changes(.constant, "let a = 31") == ["let a = 32", "let a = 30"])
    #expect(changes(.constant, "let a = 0") == ["let a = 1"])
    #expect(
      changes(.constant, "let a = 0xFFFF_0000") == ["let a = 0xffff0001", "let a = 0xfffe0000"])
  }

  @Test("Statements are left out, a case's with a break; declarations and blocks are not.")
  func statements() {
    let text = """
      func f() -> Int {
        let a = 1
        b = a
          + 2
        switch c {
        case .d: g()
        case .e: h(
          1)
        }
        while true { i() }
        return j()
      }
      """
    #expect(
      changes(.drop, text) == [
        "", "case .d: break", "case .e: break", "while true { }", "return",
      ])
  }

  @Test("A procedure does nothing or returns early, a test answers at once.")
  func functions() {
    #expect(
      changes(.empty, "func f() -> Bool { a() }")
        == ["func f() -> Bool { return true }", "func f() -> Bool { return false }"])
    #expect(changes(.early, "func f() {\n  a()\n  b()\n}") == ["if true { return }; b()"])
    #expect(changes(.empty, "func f() -> Int { a() }").isEmpty)
  }

  @Test("Registers and arguments change places; a label stays where it is.")
  func arguments() {
    #expect(changes(.register, "a.r4 = b.r10") == ["a.r5 = b.r10", "a.r4 = b.r9"])
    #expect(changes(.swap, "copy(from: a, to: b(c), &m)") == ["copy(from: b(c), to: a, &m)"])
    #expect(changes(.swap, "func copy(from: A, to: B) { }").isEmpty)
  }

  @Test("Comments, strings, attributes, imports and compiler's lines are left alone.")
  func silence() {
    let text = """
      import A
      #if B && C
      // if a < 1 { b() }
      @inline(never, 1) let x = "a < 1 \\" && 2" /// 3
      #endif
      """
    #expect(Catalogue.mutants(of: "A.swift", .kernel, Array(text.utf8)) == [])
  }

  @Test("A mask and a conversion keep half of their bits.")
  func widths() {
    #expect(
      changes(.width, "let a = UInt32(b) & 0xFFFF | 0xE000 | UInt16(truncatingIfNeeded: c)") == [
        "let a = UInt32(UInt16(truncatingIfNeeded: b)) & 0xFFFF | 0xE000"
          + " | UInt16(truncatingIfNeeded: c)",
        "let a = UInt32(b) & 0xff | 0xE000 | UInt16(truncatingIfNeeded: c)",
        "let a = UInt32(b) & 0xFFFF | 0xE000"
          + " | UInt16(truncatingIfNeeded: UInt8(truncatingIfNeeded: c))",
      ])
  }

  @Test("At a limit is the same as beyond it; what has no order is left alone.")
  func limits() {
    #expect(
      changes(.limit, "let a = b >= count || c <= 255 || d == e || f == .g") == [
        "let a = b == count || c <= 255 || d == e || f == .g",
        "let a = b >= count || c == 255 || d == e || f == .g",
        "let a = b >= count || c <= 255 || d <= e || f == .g",
        "let a = b >= count || c <= 255 || d >= e || f == .g",
      ])
  }

  @Test("An operand of a condition, a flag and a pattern are forgotten, one at a time.")
  func forgotten() {
    #expect(
      changes(.forget, "func f() {\n  if a && (b || c) { g(d | e) }\n}") == [
        "if (b || c) { g(d | e) }", "if a { g(d | e) }", "if a && (c) { g(d | e) }",
        "if a && (b) { g(d | e) }", "if a && (b || c) { g(e) }", "if a && (b || c) { g(d) }",
      ])
    #expect(changes(.forget, "func f() -> Bool {\n  a\n    && b\n}") == ["b", "a"])
    let text = "switch a {\ncase .b, .c: d()\ncase .e: f()\n}"
    #expect(
      changes(.forget, text) == [
        "case .c: d() case .b, .e: f()", "case .b: d() case .c, .e: f()",
      ])
    #expect(changes(.forget, "switch a {\ncase .b, .c: d()\ndefault: f()\n}").count == 2)
  }

  @Test("A state is compared without what stopped the task, or for whom it waits.")
  func states() {
    #expect(
      changes(.forget, "if tasks[i].state == .runnable && a { b() }").prefix(2) == [
        "if (tasks[i].state.rawValue ^ (.runnable as TaskState).rawValue) & 0xFFFF_00FF == 0 && a"
          + " { b() }",
        "if (tasks[i].state.rawValue ^ (.runnable as TaskState).rawValue) & 0xFFFF == 0 && a"
          + " { b() }",
      ])
  }

  @Test("A field is taken for another of its type, and a barrier for a lesser one.")
  func siblings() {
    #expect(
      changes(.sibling, "f(a.ram.size, base: b)") == [
        "f(a.paddedRAM.size, base: b)", "f(a.ram.base, base: b)",
      ])
    #expect(changes(.barrier, "  dsb\n  isb\n", "A.S") == ["dmb", "dsb"])
  }

  @Test("An instruction is left out, turned round, and gets other registers and constants.")
  func assembly() {
    let text = "a:\n  subs  r2, #16  // b\n  blo   2f\n  .balign 4\n"
    #expect(changes(.drop, text, "A.S").count == 2)
    #expect(changes(.arithmetic, text, "A.S") == ["adds r2, #16"])
    #expect(changes(.register, text, "A.S") == ["subs r3, #16"])
    #expect(changes(.constant, text, "A.S") == ["subs r2, #17", "subs r2, #15"])
    #expect(changes(.compare, text, "A.S") == ["bhs 2f", "bls 2f"])
    #expect(changes(.writeback, "  ldmia r0!, {r4-r11}", "A.S") == ["ldmia r0, {r4-r11}"])
    #expect(
      changes(.swap, "  .word a\n  .word b\n", "A.S") == [".word b .word a"])
  }

  @Test("Every mutant of the tree has a name of its own and changes its line, in every run alike.")
  func names() throws {
    let (parts, operators) = (Part.allCases, Set(MutationKit.Operator.allCases))
    let catalogue = try Catalogue(root: Self.root, parts: parts, operators: operators)
    let again = try Catalogue(root: Self.root, parts: parts, operators: operators)
    #expect(catalogue.mutants == again.mutants)
    #expect(Set(catalogue.mutants.map(\.id)).count == catalogue.mutants.count)
    for mutant in catalogue.mutants {
      #expect(mutant.before != mutant.after, "\(mutant.id)")
      #expect(mutant.id.hasPrefix("\(mutant.file):\(mutant.line):\(mutant.operator.rawValue):"))
    }
    let kinds = Set(catalogue.mutants.map(\.operator))
    #expect(kinds == Set(MutationKit.Operator.allCases))
    #expect(Set(catalogue.mutants.map(\.part)) == Set(Part.allCases))
  }

  @Test("A sample is a function of its seed, and as large as was asked.")
  func samples() throws {
    let catalogue = try Catalogue(root: Self.root)
    #expect(catalogue.sample(12, seed: 7) == catalogue.sample(12, seed: 7))
    #expect(catalogue.sample(12, seed: 7) != catalogue.sample(12, seed: 8))
    #expect(Set(catalogue.sample(50, seed: 1).map(\.id)).count == 50)
    #expect(catalogue.sample(1_000_000, seed: 1) == catalogue.mutants)
  }
}
