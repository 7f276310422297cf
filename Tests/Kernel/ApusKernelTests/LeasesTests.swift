// ApusKernelTests/LeasesTests.swift: one test per promise about borrowing, in order of the checks.
// Server 1 borrows from client 3, which waits for its reply with a table of one lease.

import ApusABI
import ApusKernel
import Testing

@testable import KernelModel

@Suite struct LeasesTests {
  /// Client 3 lends `length` bytes at its place for loans, or at `address`, to server 1.
  func lending(
    _ length: UInt32, at address: UInt32? = nil, rights: UInt32 = 3, table: UInt32? = nil
  ) -> System {
    var system = System()
    let entry = system.leases(3)
    system.machine.write(word: address ?? system.lent(3), at: entry)
    system.machine.write(word: length, at: entry + 4)
    system.machine.write(word: rights, at: entry + 8)
    system.receive(1)
    system.call(
      3, .send, r4: system.id(1), r5: system.outgoing(3), r6: 4, r7: 0, r8: 0, r9: table ?? entry,
      r10: 1)
    return system
  }

  static let calls: [Call] = [.borrowRead, .borrowWrite, .borrowInfo]

  @Test("Every offset and length of a small lease moves exactly the bytes that both have.")
  func everyPair() {
    for lent in UInt32(0)...5 {
      for offset in UInt32(0)...lent {
        for wanted in UInt32(0)...7 {
          let count = min(wanted, lent - offset)
          var system = lending(lent)
          var other = system
          system.check(
            1, .borrowRead, r4: system.id(3), r5: system.outgoing(1), r6: wanted, r7: offset
          ) {
            $0.machine.write($0.machine.read($0.lent(3) + offset, count) ?? [], at: $0.outgoing(1))
            ($0.kernel.tasks[1].registers.r4, $0.kernel.tasks[1].registers.r5) = (0, count)
          }
          other.check(
            1, .borrowWrite, r4: other.id(3), r5: other.outgoing(1), r6: wanted, r7: offset
          ) {
            $0.machine.write($0.machine.read($0.outgoing(1), count) ?? [], at: $0.lent(3) + offset)
            ($0.kernel.tasks[1].registers.r4, $0.kernel.tasks[1].registers.r5) = (0, count)
          }
        }
      }
    }
  }

  @Test("One borrow moves at most 256 bytes of a longer lease and says so; the next goes on.")
  func atMost256() {
    var system = lending(0x140)
    let own = system.ram(1)
    system.check(1, .borrowRead, r4: system.id(3), r5: own, r6: 0x140, r7: 0) {
      $0.machine.write($0.machine.read($0.lent(3), 256) ?? [], at: own)
      ($0.kernel.tasks[1].registers.r4, $0.kernel.tasks[1].registers.r5) = (0, 256)
    }
    #expect(system.call(1, .borrowRead, r4: system.id(3), r5: own, r6: 0x140, r7: 256).r5 == 0x40)
  }

  @Test("An offset beyond the lease is a defect: the lender may have made it shorter meanwhile.")
  func offsetBeyond() {
    for offset: UInt32 in [9, 10, 0x8000_0000, .max] {
      for call in [Call.borrowRead, .borrowWrite] {
        var system = lending(8)
        system.check(1, call, r4: system.id(3), r5: system.outgoing(1), r6: 1, r7: offset) {
          $0.kernel.tasks[1].registers.r4 = 1
        }
      }
    }
  }

  @Test("A loan that covers its own table and is overwritten never faults the borrower.")
  func shrinkingLease() {
    var system = lending(0x280, at: System().ram(3))
    // The first write puts zeros over the entry: length 0, no rights.
    let own = system.incoming(1)
    system.machine.write([UInt8](repeating: 0, count: 256), at: own)
    #expect(system.call(1, .borrowWrite, r4: 3, r5: own, r6: 256, r7: 0).r4 == 0)
    system.check(1, .borrowWrite, r4: 3, r5: own, r6: 256, r7: 256) {
      $0.kernel.tasks[1].registers.r4 = 1
    }
  }

  @Test("A lender whose memory changes at random between two calls never faults the borrower.")
  func randomLender() {
    var dice = Dice(state: 20_261_127)
    func word(_ dice: inout Dice) -> UInt32 { UInt32(truncatingIfNeeded: dice.next()) }
    for round in 0..<400 {
      var system = System()
      system.receive(1)
      let table = system.ram(3) + 4 * dice.below(0x100 as UInt32)
      system.call(
        3, .send, r4: 1, r5: system.outgoing(3), r6: 4, r9: dice.chance(90) ? table : word(&dice),
        r10: 1 + dice.below(4))
      let count = system.kernel.tasks[3].registers.r10
      for step in 0..<12 {
        // Words that are likely to hold as a lease, or to hold no longer.
        for _ in 0..<8 {
          let word = dice.pick([
            system.ram(3) + dice.below(0x400 as UInt32), dice.below(0x400), dice.below(4), .max,
            system.machine.descriptors[3].flashBase,
          ])
          system.machine.write(
            word: word, at: min(table &+ 4 * dice.below(12), system.ram(3) + 0x3FC))
        }
        let (call, offset) = (dice.pick(Self.calls), dice.pick([0, 1, 256, word(&dice)]))
        let answer = system.call(
          1, call, r4: 3 | dice.below(count) << 16, r5: system.outgoing(1), r6: dice.below(300),
          r7: offset)
        #expect(!system.kernel.tasks[1].state.isFaulted, "round \(round), step \(step)")
        #expect(answer.r4 <= 1 || answer.r4 >= 0xFFFF_F800, "round \(round), step \(step)")
        if system.kernel.tasks[3].state.isFaulted { break }
      }
    }
  }

  @Test("A number beyond the table faults the borrower, up to the last one that a register holds.")
  func numberBeyond() {
    for call in Self.calls {
      for (number, count) in [(255, 255), (256, 256), (65_535, 65_535), (255, 1), (256, 1)]
        as [(UInt32, UInt32)]
      {
        var system = lending(8)
        system.kernel.tasks[3].registers.r10 = count
        system.check(1, call, r4: system.id(3, number), r6: 0, r7: 0) {
          $0.kernel.tasks[1].registers.r4 = 1
          $0.stop(1, .leaseOutOfRange)
        }
      }
    }
    for call in Self.calls {
      for number: UInt32 in [1, 2, 0xFFFF] {
        var system = lending(8)
        system.check(1, call, r4: system.id(3, number), r5: 0, r6: 0, r7: 0) {
          $0.kernel.tasks[1].registers.r4 = 1
          $0.stop(1, .leaseOutOfRange)
        }
      }
    }
  }

  @Test("A table of leases may be a constant in the lender's flash.")
  func constantTable() {
    let table = ToyMachine.flashBase + 3 * ToyMachine.flashPerTask + 0x20
    var system = lending(8, table: table)
    let words = [system.lent(3), 8, Lease.read]
    for (index, byte) in words.flatMap({ word in (0..<4).map { word >> (8 * $0) } }).enumerated() {
      system.machine.flash[Int(table - ToyMachine.flashBase) + index] = UInt8(byte & 0xFF)
    }
    for (call, code) in [(Call.borrowInfo, UInt32(0)), (.borrowRead, 0), (.borrowWrite, 1)] {
      let answer = system.call(1, call, r4: system.id(3), r5: system.outgoing(1), r6: 8, r7: 0)
      #expect(answer.r4 == code)
    }
    #expect(!system.kernel.tasks[3].state.isFaulted)
  }

  @Test("An index beyond the tasks faults the borrower.")
  func noTask() {
    for call in Self.calls {
      for index: UInt32 in [6, 31, 0xFFFF] {
        var system = lending(8)
        system.check(1, call, r4: index) { $0.stop(1, .illegalTask) }
      }
    }
  }

  @Test("A lender's earlier life is answered with the dead code.")
  func stale() {
    for call in Self.calls {
      var system = lending(8)
      let old = system.id(3)
      system.call(0, .restartTask, r4: 3)
      system.check(1, call, r4: old) { $0.kernel.tasks[1].registers.r4 = 0xFFFF_F801 }
    }
  }

  @Test("A lender that does not wait for the borrower is a defect, before its table is looked at.")
  func notWaiting() {
    typealias Preparation = (inout System) -> Void
    let preparations: [Preparation] = [
      { _ in },
      { $0.receive(3) },
      { $0.call(3, .send, r4: $0.id(1), r5: 0, r6: 0) },
      { $0.engage(3, with: 2, leases: 1) },
      {
        $0.engage(3, with: 1, leases: 1)
        $0.inject(3)
      },
    ]
    for call in Self.calls {
      for prepare in preparations {
        var system = System()
        prepare(&system)
        system.check(1, call, r4: system.id(3, 9)) { $0.kernel.tasks[1].registers.r4 = 1 }
      }
    }
  }

  @Test("A right that the lease does not give is a defect; nothing moves and nobody is stopped.")
  func rights() {
    for rights in UInt32(0)...3 {
      for (call, right) in [(Call.borrowRead, UInt32(1)), (.borrowWrite, 2)] {
        var system = lending(8, rights: rights)
        let isGiven = rights & right != 0
        let answer = system.call(
          1, call, r4: system.id(3), r5: system.outgoing(1), r6: 8, r7: isGiven ? 0 : .max)
        #expect(answer.r4 == (isGiven ? 0 : 1))
        #expect(!system.kernel.tasks.indices.contains { system.kernel.tasks[$0].state.isFaulted })
      }
    }
  }

  @Test("borrowInfo needs no right and tells length and rights, of a lease longer than 256 too.")
  func info() {
    for rights in UInt32(0)...3 {
      var system = lending(0x140, rights: rights)
      system.check(1, .borrowInfo, r4: system.id(3), r7: .max) {
        ($0.kernel.tasks[1].registers.r4, $0.kernel.tasks[1].registers.r5) = (0, 0x140)
        $0.kernel.tasks[1].registers.r6 = rights
      }
    }
  }

  @Test("Unknown rights stop the lender, and the borrower gets a defect.")
  func unknownRights() {
    for call in Self.calls {
      for rights: UInt32 in [4, 5, 7, 1 << 31, .max] {
        var system = lending(8, rights: rights)
        system.check(1, call, r4: system.id(3), r5: system.outgoing(1), r6: 1, r7: 0) {
          $0.stop(3, .badSlice, address: $0.lent(3))
          $0.kernel.tasks[1].registers.r4 = 1
        }
      }
    }
  }

  @Test("A table that is not the lender's, or not aligned, stops the lender at its address.")
  func badTable() {
    let ram = System().ram(3)
    for table in [ram + 1, ram + 2, ram - 4, ram + 0x3F8, ram + 0x400, 0, 0xFFFF_FFFC] {
      for call in Self.calls {
        var system = lending(8, table: table)
        system.check(1, call, r4: system.id(3), r5: system.outgoing(1), r6: 1, r7: 0) {
          $0.stop(3, .badSlice, address: table)
          $0.kernel.tasks[1].registers.r4 = 1
        }
      }
    }
  }

  @Test("A loan of what is not the lender's stops the lender; flash may be lent for reading only.")
  func badLoan() {
    let ram = System().ram(3)
    let flash = System().machine.descriptors[3].flashBase
    let loans: [(UInt32, UInt32, UInt32)] = [
      (ram - 1, 8, 1), (ram + 0x3F9, 8, 1), (ram + 8, .max, 0), (0x4000_0000, 1, 3),
      (flash, 8, 2), (flash, 8, 3), (flash + 0x79, 8, 1),
    ]
    for (address, length, rights) in loans {
      for call in Self.calls {
        var system = lending(length, at: address, rights: rights)
        system.check(1, call, r4: system.id(3), r5: system.outgoing(1), r6: 1, r7: 0) {
          $0.stop(3, .badSlice, address: address)
          $0.kernel.tasks[1].registers.r4 = 1
        }
      }
    }
    var system = lending(8, at: flash, rights: 1)
    #expect(
      system.call(1, .borrowRead, r4: system.id(3), r5: system.outgoing(1), r6: 8, r7: 0).r5 == 8)
    #expect(system.machine.read(system.outgoing(1), 8) == system.machine.read(flash, 8))
  }

  @Test("A borrower's bad slice stops the borrower, checked as long as it is given.")
  func badOwnSlice() {
    let ram = System().ram(1)
    let flash = System().machine.descriptors[1].flashBase
    for (address, length) in [(ram - 1, 1), (ram + 0x3F9, 8), (ram, 0x401), (0, .max)]
      as [(UInt32, UInt32)]
    {
      for call in [Call.borrowRead, .borrowWrite] {
        var system = lending(4)
        system.check(1, call, r4: system.id(3), r5: address, r6: length, r7: 0) {
          $0.stop(1, .badSlice, address: address)
        }
        // The lender's fate makes no difference.
        system = lending(4)
        system.inject(3)
        system.check(1, call, r4: system.id(3), r5: address, r6: length, r7: 0) {
          $0.stop(1, .badSlice, address: address)
        }
      }
    }
    var system = lending(4)
    system.check(1, .borrowRead, r4: system.id(3), r5: flash, r6: 4, r7: 0) {
      $0.stop(1, .badSlice, address: flash)
    }
  }

  @Test("Leases end with the reply.")
  func endsWithReply() {
    var system = lending(8)
    system.call(1, .reply, r4: system.id(3), r5: 0, r6: 0)
    system.check(1, .borrowRead, r4: system.id(3), r5: system.outgoing(1), r6: 1, r7: 0) {
      $0.kernel.tasks[1].registers.r4 = 1
    }
  }
}
