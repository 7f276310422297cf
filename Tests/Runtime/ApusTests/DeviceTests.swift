// ApusTests/DeviceTests.swift: which registers a device's operations touch, on each layout.

import Apus
import Testing

@Suite struct DeviceTests {
  let host = HostCalls()

  private func stores(_ body: () -> Void) -> [HostCalls.Store] {
    host.run(body)
    return host.stores
  }

  private func store(_ address: UInt32, _ value: UInt32) -> HostCalls.Store {
    HostCalls.Store(address: address, value: value)
  }

  @Test("A polled CMSDK UART has its divisor and its transmitter set, and no interrupt.")
  func cmsdkPolled() {
    let stores = stores { UART(0x4000_4000, .cmsdk).enable() }
    #expect(stores == [store(0x4000_4010, 16), store(0x4000_4008, 1)])
  }

  @Test("With interrupts, both directions and both interrupts are on.")
  func interrupts() {
    let cmsdk = stores { UART(0x4000_4000, .cmsdk).enable(interrupts: true) }
    #expect(cmsdk.last == store(0x4000_4008, 15))
    let pl011 = stores { UART(0x4000_C000, .pl011).enable(interrupts: true) }
    #expect(pl011.suffix(2) == [store(0x4000_C030, 0x301), store(0x4000_C038, 0x70)])
  }

  @Test("The receiver goes off and on without touching the rest of the control register.")
  func receiver() {
    let cmsdk = stores {
      UART(0x4000_4000, .cmsdk).setReceiver(isOn: false)
      UART(0x4000_4000, .cmsdk).setReceiver(isOn: true)
    }
    #expect(cmsdk == [store(0x4000_4008, 13), store(0x4000_4008, 15)])
    let pl011 = stores { UART(0x4000_C000, .pl011).setReceiver(isOn: false) }
    #expect(pl011.last == store(0x4000_C030, 0x101))
  }

  @Test("Room and bytes are read from each layout's own flags.")
  func flags() {
    let cmsdk = UART(0x4000_4000, .cmsdk)
    let pl011 = UART(0x4000_C000, .pl011)
    for (flags, cmsdkRoom, cmsdkByte) in [
      (UInt32(0), true, false), (1, false, false), (2, true, true),
    ] {
      host.read = { $0 == 0x4000_4004 ? flags : ~0 }
      #expect(host.run { cmsdk.hasRoom } == cmsdkRoom && host.run { cmsdk.hasByte } == cmsdkByte)
    }
    for (flags, room, byte) in [(UInt32(0x10), true, false), (0x30, false, false), (0, true, true)]
    {
      host.read = { $0 == 0x4000_C018 ? flags : ~0 }
      #expect(host.run { pl011.hasRoom } == room && host.run { pl011.hasByte } == byte)
    }
  }

  @Test("A byte is written when there is room, and not before.")
  func waiting() {
    var polls = 0
    host.read = { _ in
      polls += 1
      return polls < 4 ? 1 : 0
    }
    let stores = stores { UART(0x4000_4000, .cmsdk).write(0x41) }
    #expect(polls == 4 && stores == [store(0x4000_4000, 0x41)])
  }

  @Test("An interval timer counts whole intervals from its start, and takes its request back.")
  func intervalTimer() {
    let cmsdk = stores {
      let timer = IntervalTimer(0x4000_0000, .cmsdk)
      timer.start(every: 1_000)
      timer.clearInterrupt()
    }
    #expect(
      cmsdk == [
        store(0x4000_0008, 1_000), store(0x4000_0004, 1_000), store(0x4000_0000, 9),
        store(0x4000_000C, 1),
      ])
    let timer = stores { IntervalTimer(0x4003_0000, .stellaris).start(every: 1_000) }
    #expect(timer.suffix(3).first == store(0x4003_0028, 1_000))
    #expect(timer.last == store(0x4003_000C, 1), "it counts before it is set up")
  }
}
