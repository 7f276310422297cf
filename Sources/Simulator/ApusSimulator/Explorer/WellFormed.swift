// ApusSimulator/Explorer/WellFormed.swift: the calls that a correct program makes.
// It may lose its peers, name their former lives and crash; it never gives what is not its own.

import ApusABI
import ApusKernel

extension CallWords {
  /// The alphabet of a well-formed task.
  var wellFormed: [NamedEvent] {
    requests + service + waits + timers + (caller == 0 ? supervision : [])
  }

  /// Sends to its superiors, with a table of leases, and posts to whom it may.
  private var requests: [NamedEvent] {
    var events: [NamedEvent] = []
    for peer in peers where Toy.calls(caller).contains(peer) {
      let to = "to \(name(peer))"
      events += [
        event(
          .send, "\(to), lending", r4: id(peer) | 5 << 16, from: (ram, 8),
          into: (ram + Toy.windowBytes - 8, 8), r9: flash, r10: 2),
        event(.send, "\(to), stale", r4: staleID(peer), from: (ram, 8), isStale: true),
      ]
    }
    for peer in peers where Toy.notifies(caller).contains(peer) && peer < system.idle {
      let to = "to \(name(peer))"
      events += [
        event(.post, "bit 1 \(to)", r4: id(peer), from: (2, 0)),
        event(.post, "\(to), stale", r4: staleID(peer), from: (2, 0), isStale: true),
      ]
    }
    return events
  }

  /// Serves whoever is below it.
  private var service: [NamedEvent] {
    var events: [NamedEvent] = []
    let buffer = (ram + 0x20, UInt32(16))
    let own = (ram + 0x30, UInt32(12))
    for peer in peers where peer > caller && peer < system.idle {
      let to = "to \(name(peer))"
      let of = "of \(name(peer))"
      let fate = Event.Fate.dependsOnPeer
      events += [
        event(.reply, to, fate, r4: id(peer) | 9 << 16, from: (ram, 8)),
        event(.reply, "\(to), stale", r4: staleID(peer), from: (ram, 8), isStale: true),
        event(
          .replyAndReceive, to, fate, r4: id(peer) | 9 << 16, from: (ram, 8), into: buffer, r9: ~0),
        event(.replyFault, to, r4: id(peer) | 2 << 16),
        event(.borrowRead, "lease 0 \(of)", fate, r4: id(peer), from: own),
        event(.borrowRead, "lease 1 \(of)", fate, r4: id(peer) | 1 << 16, from: own),
        event(.borrowWrite, "lease 0 \(of)", fate, r4: id(peer), from: own),
        event(.borrowRead, "\(of), stale", r4: staleID(peer), from: own, isStale: true),
        event(.borrowInfo, of, fate, r4: id(peer)),
      ]
    }
    return events
  }

  private var waits: [NamedEvent] {
    [
      event(.receive, "all bits", into: (ram + 0x20, 16), r9: ~0),
      event(.receiveNotifications, "all bits", r9: ~0),
    ]
  }

  private var timers: [NamedEvent] {
    let deadline = Toy.presentTime + 1
    let words = (UInt32(truncatingIfNeeded: deadline >> 32), UInt32(2))
    var events = [
      event(.setTimer, "in 1 tick", r4: UInt32(truncatingIfNeeded: deadline), from: words),
      event(.setTimer, "off"), event(.getTimer, ""),
      event(.panic, "", .panic, from: (flash + 0x40, 8)),
    ]
    if caller == Toy.owner.task {
      let mask = Toy.owner.notification
      events += [
        event(.irqControl, "enable", r4: mask, from: (1, 0)),
        event(.irqControl, "mask", r4: mask), event(.irqStatus, "", r4: mask),
      ]
    }
    return events
  }

  private var supervision: [NamedEvent] {
    var events: [NamedEvent] = []
    for index in 1..<UInt32(system.idle) {
      events += [
        event(.taskStatus, "of \(index)", r4: index), event(.restartTask, "\(index)", r4: index),
        event(.injectFault, "\(index)", r4: index), event(.giveUp, "\(index)", r4: index),
        event(.readPanicText, "of \(index)", r4: index, into: (ram + 0x20, 6)),
      ]
    }
    events += [event(.findFaultedTask, "", r4: 0), event(.refreshTaskID, "of 1", r4: staleID(1))]
    return events
  }
}
