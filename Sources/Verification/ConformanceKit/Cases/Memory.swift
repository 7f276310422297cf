// ConformanceKit/Memory.swift: the catalogue's cases on the memory map and the system control space.
// Each access is made by the hostile task itself, and refused to it alone.

import ApusABI
import ImagePlan

extension Case {
  static let memory: [Case] = [
    Case("M01_read_kernel_ram", .memory, "no byte of the kernel's RAM can be read") { t in
      let ram = t.plan.kernel.ram
      for address in [ram.base, ram.base + ram.size / 2 & ~3, ram.base + ram.size - 4] {
        for gadget in [Gadget.loadWord, .loadHalf, .loadByte] {
          try await t.crime(gadget, [1: address], is: .memory, at: address)
        }
      }
    },
    Case("M02_write_kernel_ram", .memory, "no byte of the kernel's RAM can be written") { t in
      let ram = t.plan.kernel.ram
      for address in stride(from: ram.base, to: ram.base + ram.size, by: 68) {
        try await t.crime(.storeWord, [1: address], is: .memory, at: address)
      }
      try await t.crime(.storeByte, [1: ram.base + 3], is: .memory, at: ram.base + 3)
    },
    Case("M03_null", .memory, "address 0 can be neither read, written nor called") { t in
      try await t.crime(.loadWord, [1: 0], is: .memory, at: 0)
      try await t.crime(.storeWord, [1: 0], is: .memory, at: 0)
      try await t.crime(.callAddress, [1: 1], is: .illegalText)
    },
    Case("M04_write_text", .memory, "neither the own text nor the kernel's can be written") { t in
      let own = t.task(.hostile).flash
      for address in [own.base, own.base + own.size - 4 & ~3, 0x40, t.plan.kernel.tables.base] {
        try await t.crime(.storeWord, [0: 0xFFFF_FFFF, 1: address], is: .memory, at: address)
        try await t.crime(.storeByte, [0: 0xFF, 1: address], is: .memory, at: address)
      }
    },
    Case("M05_execute_data", .memory, "stack and message buffer cannot be executed") { t in
      for offset: UInt32 in [0, 512, 1020] {
        try await t.crime(.callAddress, [1: t.scratch(.hostile, offset) | 1], is: .illegalText)
      }
    },
    Case("M06_jump_into_kernel", .memory, "no branch into the kernel's text begins to run") { t in
      let text = t.plan.kernel.flash
      for address in stride(from: text.base + 0x80, to: text.base + text.size, by: 250) {
        try await t.crime(.jump, [1: address | 1], is: .illegalText)
      }
    },
    Case("M07_other_task", .memory, "no other task's RAM or text can be touched") { t in
      for role in Role.allCases where role != .hostile {
        let (ram, text) = (t.task(role).ram, t.task(role).flash)
        for address in [ram.base, ram.base + ram.size - 4] {
          try await t.crime(.loadWord, [1: address], is: .memory, at: address)
          try await t.crime(.storeWord, [1: address], is: .memory, at: address)
        }
        try await t.crime(.loadWord, [1: text.base], is: .memory, at: text.base)
        try await t.crime(.jump, [1: text.base | 1], is: .illegalText)
      }
    },
    Case("M08_walk_off", .memory, "walking off a region faults at its first byte outside") { t in
      let (ram, text) = (t.task(.hostile).paddedRAM, t.task(.hostile).paddedFlash)
      for window in [ram, text] {
        let (low, high) = (window.base, window.base + window.size)
        try await t.crime(.scanUp, [0: low], is: .memory, at: high)
        try await t.crime(.scanDown, [0: high - 4], is: .memory, at: low - 4)
      }
    },
    Case("M09_edges", .memory, "first and last byte of a region are in, their neighbours out") {
      t in
      let (ram, text) = (t.task(.hostile).paddedRAM, t.task(.hostile).paddedFlash)
      for window in [ram, text] {
        let (low, high) = (window.base, window.base + window.size)
        for (gadget, size) in [(Gadget.loadByte, UInt32(1)), (.loadHalf, 2), (.loadWord, 4)] {
          _ = try await t.run(.hostile, gadget, [1: low]).done()
          _ = try await t.run(.hostile, gadget, [1: high - size]).done()
          try await t.crime(gadget, [1: low - size], is: .memory, at: low - size)
          try await t.crime(gadget, [1: high], is: .memory, at: high)
        }
      }
      try await t.crime(.storeByte, [1: ram.base - 1], is: .memory, at: ram.base - 1)
      try await t.crime(.storeByte, [1: ram.base + ram.size], is: .memory)
    },
    Case("M10_unaligned_edge", .memory, "an unaligned access across an edge is refused") { t in
      // QEMU checks an unaligned access once, unless it crosses a page of 1 KB: the stacks in
      // app.yaml are such that on each board the RAM of a puppet begins or ends with a page.
      var count = 0
      for role in Role.puppets {
        let ram = t.task(role).paddedRAM
        for edge in [ram.base, ram.base + ram.size] where edge.isMultiple(of: 1024) {
          count += 1
          for address in [edge - 3, edge - 2, edge - 1] {
            try await t.crime(.loadWord, [1: address], is: .memory, by: role)
            try await t.crime(.storeWord, [1: address], is: .memory, by: role)
          }
          try await t.crime(.loadHalf, [1: edge - 1], is: .memory, by: role)
        }
      }
      try expect(
        count > 0, "an edge at a multiple of 1 KB: choose other stacks in app.yaml, so that one is")
    },
    Case("M18_device", .memory, "a device serves its owner, and nobody else, in both orders") { t in
      let (timer, uart) = (t.device("timer0"), t.device("uart"))
      try await t.crime(.loadWord, [1: timer], is: .memory, at: timer)
      _ = try await t.run(.assist, .loadWord, [1: timer]).done()
      try await t.crime(.loadWord, [1: timer], is: .memory, at: timer)
      try await t.crime(.storeWord, [0: 0x50, 1: uart], is: .memory, at: uart)
      try await t.crime(.loadWord, [1: uart], is: .memory, at: uart, by: .assist)
    },
    Case("M20_unmapped", .memory, "addresses that are nobody's fault as memory") { t in
      for address: UInt32 in [0x6000_0000, 0x8000_0000, 0xA000_0000, 0x2FFF_FFFC, 0x1000_0000] {
        try await t.crime(.loadWord, [1: address], is: .memory, at: address)
        try await t.crime(.storeWord, [1: address], is: .memory, at: address)
      }
    },
    Case("M20_vendor", .memory, "the vendor's space faults as memory") { t in
      for address: UInt32 in [0xFFFF_FFFC, 0xE010_0000] {
        try await t.crime(.loadWord, [1: address], is: .memory, at: address)
      }
    },
    Case("M21_bit_band", .memory, "the bit-band alias of RAM and devices is closed") { t in
      let own = 0x2200_0000 + (t.scratch(.hostile) & 0xF_FFFF) * 32
      for address: UInt32 in [0x2200_0000, 0x2200_0100, own, 0x4200_0000, 0x23FF_FFFC] {
        try await t.crime(.storeWord, [0: 1, 1: address], is: .memory, at: address)
      }
    },
  ]

  static let systemSpace: [Case] = [
    system("S01_fault_registers", [0xE000_ED00, 0xE000_ED28, 0xE000_ED2C, 0xE000_ED34], .loadWord),
    system("S02_vector_table_and_reset", [0xE000_ED08, 0xE000_ED0C, 0xE000_ED04], .storeWord),
    system("S03_mpu", [0xE000_ED94, 0xE000_ED98, 0xE000_ED9C, 0xE000_EDA0], .storeWord),
    system("S04_systick", [0xE000_E010, 0xE000_E014, 0xE000_E018], .storeWord),
    system(
      "S05_nvic", [0xE000_E100, 0xE000_E180, 0xE000_E200, 0xE000_E280, 0xE000_E400], .storeWord),
    system(
      "S07_configuration", [0xE000_ED14, 0xE000_ED24, 0xE000_ED88, 0xE000_EF34, 0xE000_E008],
      .storeWord),
    system(
      "S08_debug", [0xE000_0000, 0xE000_1000, 0xE000_2000, 0xE000_EDF0, 0xE000_EDFC, 0xE00F_F000],
      .storeWord),
    Case("S09_execute", .systemSpace, "the system space cannot be executed") { t in
      try await t.crime(.jump, [1: 0xE000_E001], is: .illegalText)
      try await t.crime(.jump, [1: 0xE000_ED01], is: .illegalText)
    },
    Case("S10_writes_have_no_effect", .systemSpace, "refused or swallowed, a write changes nothing")
    {
      t in
      for (address, value): (UInt32, UInt32) in [
        (0xE000_ED94, 0), (0xE000_E010, 0), (0xE000_ED0C, 0x05FA_0004), (0xE000_ED08, 0x2000_0000),
        (0xE000_E014, 1), (0xE000_ED24, 0),
      ] {
        let outcome = try await t.run(.hostile, .storeWord, [0: value, 1: address])
        if outcome.fault != nil {
          try await t.check(outcome, .hostile, is: .bus, at: address)
        }
        let kernel = t.plan.kernel.ram.base + 8
        try await t.crime(.loadWord, [1: kernel], is: .memory, at: kernel)
      }
      try await t.round("q")
    },
  ]

  /// Every access to `addresses` is a bus fault with its address.
  private static func system(_ name: String, _ addresses: [UInt32], _ gadget: Gadget) -> Case {
    Case(
      name, .systemSpace, "an access to the system space is a bus fault with its address",
      needs: [.busFaults]
    ) { t in
      for address in addresses {
        try await t.crime(gadget, [0: 0, 1: address], is: .bus, at: address)
        try await t.crime(.loadWord, [1: address], is: .bus, at: address)
      }
    }
  }
}
