// ImagePlanTests/BoardTests.swift: what a board file may not say, and the boards that exist.

import Foundation
import ImagePlan
import Testing

@Suite struct BoardTests {
  @Test("Addresses that no task may have are refused with the reason.", arguments: areas)
  func forbiddenArea(_ mistake: Mistake) { expectRefusal(mistake) }

  @Test("A board's own mistakes are refused with both numbers.", arguments: mistakes)
  func mistake(_ mistake: Mistake) { expectRefusal(mistake) }

  private func expectRefusal(_ mistake: Mistake) {
    let error = #expect(throws: PlanError.self) {
      try Fixture.parsedBoard(Fixture.board.changing(mistake.part, to: mistake.change))
    }
    #expect(error?.description == mistake.words)
  }

  @Test("A device beside a bit-band alias is accepted, one that reaches into it is refused.")
  func besideAnAlias() throws {
    func uart(at base: UInt32) throws {
      let text = Fixture.board.changing("0x4000_4000", to: "\(base)")
      _ = try Fixture.parsedBoard(text)
    }
    for base: UInt32 in [0x2200_0000, 0x2400_0000, 0x4200_0000, 0x4400_0000] {
      let isEnd = base & 0x0400_0000 != 0
      try uart(at: isEnd ? base : base - 4096)
      for reach: UInt32 in [32, 2048, 4096] {
        let error = #expect(throws: PlanError.self) {
          try uart(at: isEnd ? base - reach : base - 4096 + reach)
        }
        #expect(error?.description.contains("bit-band alias") == true, "\(base) by \(reach)")
      }
    }
  }

  static let areas = [
    Mistake(
      "uart: { base: 0x4000_4000", "uart: { base: 0x2200_0000",
      """
      peripheral 'uart' at 0x22000000...0x22000fff lies in the bit-band alias of RAM, \
      0x22000000...0x23ffffff
        at board.yaml:9
        a write there changes a bit of another task's memory, past the MPU
        try: the address of the word itself, not of its alias
      """),
    Mistake(
      "uart: { base: 0x4000_4000", "uart: { base: 0x43FF_F000",
      """
      peripheral 'uart' at 0x43fff000...0x43ffffff lies in the bit-band alias of the peripherals, \
      0x42000000...0x43ffffff
        at board.yaml:9
        a write there changes a bit of another task's peripheral, past the MPU
        try: the address of the register itself, not of its alias
      """),
    Mistake(
      "uart: { base: 0x4000_4000", "uart: { base: 0xE000_E000",
      """
      peripheral 'uart' at 0xe000e000...0xe000efff lies in the private peripheral bus, \
      0xe0000000...0xe00fffff
        at board.yaml:9
        the NVIC, SysTick and the MPU itself are there; they are the kernel's
        try: a kernel call: setTimer for time, irqControl for interrupts
      """),
    Mistake(
      "uart: { base: 0x4000_4000", "uart: { base: 0x2000_0000",
      """
      peripheral 'uart' at 0x20000000...0x20000fff overlaps ram at 0x20000000...0x20000fff
        at board.yaml:9
        try: the addresses of the board's manual
      """),
    Mistake(
      "ether: { base: 0x4002_0000", "ether: { base: 0x4000_4800",
      """
      peripheral 'ether' at 0x40004800...0x400057ff overlaps peripheral 'uart' at \
      0x40004000...0x40004fff
        at board.yaml:10
        try: one peripheral for both, or a smaller size
      """),
    Mistake(
      "ether: { base: 0x4002_0000", "ether: { base: 0x4002_0010",
      """
      peripheral 'ether' at 0x40020010...0x4002100f cannot be one MPU region
        at board.yaml:10
        a region is a run of eighths of a power of two, at a multiple of that power
        try: a base and a size that are multiples of 32, or split the device
      """),
  ]

  static let mistakes = [
    Mistake(
      "both-tx: 5", "both-tx: 32",
      """
      interrupt 'both-tx' has number 32, the board has 0...31
        at board.yaml:15
        try: a number below 32, or a larger 'interruptCount'
      """),
    Mistake(
      "cortex-m3", "cortex-m0",
      """
      board: unknown cpu 'cortex-m0'
        at board.yaml:2
        try: 'cortex-m3', if that was meant
      """),
    Mistake(
      "driver: cmsdk", "driver: 16550",
      """
      peripheral 'uart': unknown driver '16550'
        at board.yaml:9
        try: one of cmsdk, pl011, stellaris
      """),
    Mistake(
      "mpuRegions: 8", "mpuRegions: 16",
      """
      board: mpuRegions is 16, it can be 8
        at board.yaml:5
        try: mpuRegions: 8
      """),
    Mistake(
      "size: 8 KB", "size: 1 GB",
      """
      flash: size cannot be '1 GB'
        at board.yaml:6
        try: a number such as 4 KB
      """),
    Mistake(
      "ram: { base: 0x2000_0000", "ram: { base: 0x1000",
      """
      flash 0x00000000...0x00001fff and ram 0x00001000...0x00001fff overlap
        at board.yaml:1
        try: the addresses of the board's manual
      """),
    Mistake(
      "dma: true", "dma: maybe",
      """
      peripheral 'ether': 'maybe' is neither true nor false
        at board.yaml:10
        try: true or false
      """),
    Mistake(
      "uart: {", "Uart: {",
      """
      board: the name 'Uart' cannot be used
        at board.yaml:9
        try: lower-case letters, digits and hyphens, a letter first
      """),
    Mistake(
      "uart-tx: 1", "uart-tx: 1\n  uart-Rx: 2",
      """
      board: the name 'uart-Rx' cannot be used
        at board.yaml:14
        try: lower-case letters, digits and hyphens, a letter first
      """),
  ]

  @Test("Every board of the repository can be read and offers what the apps use.")
  func boards() throws {
    let layer = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
    let folder = layer.deletingLastPathComponent().deletingLastPathComponent()
      .appending(path: "boards")
    for name in ["mps2-an385", "mps2-an386", "mps2-an500", "lm3s6965evb"] {
      let file = folder.appending(path: "\(name)/board.yaml")
      let board = try Board(
        parsing: String(contentsOf: file, encoding: .utf8), file: file.path)
      #expect(board.name == name)
      #expect(board.machine == name)
      #expect(board.peripherals.map(\.name) == ["uart", "timer0", "timer1"])
      #expect(board.interrupts.map(\.name) == ["uart-rx", "uart-tx", "timer0", "timer1"])
      #expect(board.hasFloatingPoint == (board.processor != .cortexM3))
    }
  }
}
