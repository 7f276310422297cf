// FootprintKitTests/ThumbInstructionTests.swift: encodings with values that GNU as assembled.
// The last test lets the assembler be the oracle for a whole list at once.

import Foundation
import Testing

@testable import FootprintKit

@Suite struct ThumbInstructionTests {
  typealias Movement = ThumbInstruction.Stack
  typealias Way = ThumbInstruction.Flow

  static let movements: [(UInt32, UInt32, Movement)] = [
    (0xb510, 0, .moves(8)),  // push {r4, lr}
    (0xb5f0, 0, .moves(20)),  // push {r4-r7, lr}
    (0xe92d, 0x4ff0, .moves(36)),  // push.w {r4-r11, lr}
    (0xb08a, 0, .moves(40)),  // sub sp, #40
    (0xb00a, 0, .moves(-40)),  // add sp, #40
    (0xf5ad, 0x7d00, .moves(512)),  // sub.w sp, sp, #512
    (0xf2ad, 0x4d04, .moves(1028)),  // subw sp, sp, #1028
    (0xf50d, 0x7d00, .moves(-512)),  // add.w sp, sp, #512
    (0xf84d, 0xed04, .moves(4)),  // str.w lr, [sp, #-4]!
    (0xf84d, 0xed08, .moves(8)),  // str.w lr, [sp, #-8]!
    (0xed2d, 0x8b04, .moves(16)),  // vpush {d8-d9}
    (0xecbd, 0x8b04, .moves(-16)),  // vpop {d8-d9}
    (0xe96d, 0x4502, .moves(8)),  // strd r4, r5, [sp, #-8]!
    (0x46bd, 0, .fromRegister(7)),  // mov sp, r7
    (0xebad, 0x0d00, .dynamic),  // sub.w sp, sp, r0
    (0x4485, 0, .dynamic),  // add sp, r0
    (0x4611, 0, .none),  // mov r1, r2
    (0xf8cd, 0x0004, .none),  // str.w r0, [sp, #4]
  ]

  @Test("Every way of moving the stack pointer is seen, with its bytes.", arguments: movements)
  func stack(first: UInt32, second: UInt32, effect: Movement) {
    #expect(ThumbInstruction(at: 0x1000, first, second).stack == effect)
  }

  static let ways: [(UInt32, UInt32, Way)] = [
    (0x4770, 0, .returns),  // bx lr
    (0xbd10, 0, .returns),  // pop {r4, pc}
    (0xe8bd, 0x8ff0, .returns),  // pop.w {r4-r11, pc}
    (0xf85d, 0xfb04, .returns),  // ldr.w pc, [sp], #4
    (0x46f7, 0, .returns),  // mov pc, lr
    (0x4798, 0, .callRegister(3)),  // blx r3
    (0x4718, 0, .jumpRegister(3)),  // bx r3
    (0xe7fe, 0, .branch(0x1000, conditional: false)),  // b .
    (0xd0fe, 0, .branch(0x1000, conditional: true)),  // beq .
    (0xb108, 0, .branch(0x1006, conditional: true)),  // cbz r0, .+6
    (0xf7ff, 0xfffe, .call(0x1000)),  // bl .
    (0xf7ff, 0xbffe, .branch(0x1000, conditional: false)),  // b.w .
    (0xf43f, 0xaffe, .branch(0x1000, conditional: true)),  // beq.w .
    (0xde01, 0, .traps),  // udf #1
    (0xf7f0, 0xa000, .traps),  // udf.w #0
    (0xdf00, 0, .next),  // svc #0
    (0xe8df, 0xf002, .tableBranch(entryByteCount: 1)),  // tbb [pc, r2]
    (0xe8df, 0xf012, .tableBranch(entryByteCount: 2)),  // tbh [pc, r2, lsl #1]
    (0xf8df, 0xf008, .jumpLiteral(0x100c)),  // ldr.w pc, [pc, #8]
    (0xf380, 0x8808, .next),  // msr msp, r0
    (0xf3bf, 0x8f4f, .next),  // dsb
  ]

  @Test("Every way of going elsewhere is seen, with its target.", arguments: ways)
  func flow(first: UInt32, second: UInt32, expected: Way) {
    #expect(ThumbInstruction(at: 0x1000, first, second).flow == expected)
  }

  @Test("An IT block makes as many of the next instructions conditional as it says.")
  func conditional() {
    #expect(ThumbInstruction(at: 0, 0xbf28, 0).conditionalCount == 1)  // it cs
    #expect(ThumbInstruction(at: 0, 0xbf0c, 0).conditionalCount == 2)  // ite eq
    #expect(ThumbInstruction(at: 0, 0xbf1f, 0).conditionalCount == 4)  // itttt ne
    #expect(ThumbInstruction(at: 0, 0xbf00, 0).conditionalCount == 0)  // nop
  }

  @Test("A modified immediate is expanded as the manual says (A5.3.2).")
  func immediates() {
    #expect(ThumbInstruction.expand(0x0ab) == 0xab)
    #expect(ThumbInstruction.expand(0x1ab) == 0x00ab_00ab)
    #expect(ThumbInstruction.expand(0x2ab) == 0xab00_ab00)
    #expect(ThumbInstruction.expand(0x3ab) == 0xabab_abab)
    #expect(ThumbInstruction.expand(0xf00) == 0x200)
    #expect(ThumbInstruction.expand(0xfff) == 0x1fe)
  }

  @Test("All 16-bit opcodes and a million random 32-bit ones are decoded without a trap.")
  func total() {
    for first in UInt32(0)...0xffff { _ = ThumbInstruction(at: 0xffff_fffe, first, 0xffff) }
    var random = FuzzTests.Generator(state: 5)
    for _ in 0..<1_000_000 {
      let word = UInt32.random(in: 0...UInt32.max, using: &random)
      _ = ThumbInstruction(at: 0, word >> 16 | 0xe000, word & 0xffff)
    }
  }
}
