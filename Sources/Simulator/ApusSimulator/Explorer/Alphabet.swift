// ApusSimulator/Explorer/Alphabet.swift: every call with every class of arguments, good and hostile.
// Fixed words: a canonical state has fixed identifiers and a fixed time.

import ApusABI
import ApusKernel

extension ExploredSystem {
  /// Everything that can happen while task `caller` runs.
  func alphabet(_ caller: Int) -> [NamedEvent] {
    guard caller != idle else { return surroundings }
    let words = CallWords(caller: caller, system: self)
    return surroundings + [NamedEvent("memory fault", .fault, .memoryFault)]
      + (hostile.contains(caller) ? words.everything : words.wellFormed)
  }

  /// What happens whoever runs.
  private var surroundings: [NamedEvent] {
    [
      NamedEvent("tick", .tick), NamedEvent("device asks", .raise),
      NamedEvent("stray interrupt", .stray),
    ]
  }

  /// All that can happen while an enabled interrupt is asked for.
  static let take = [NamedEvent("interrupt", .take)]
}

/// The calls of one task, with the classes of arguments that can make a difference.
struct CallWords {
  let caller: Int
  let system: ExploredSystem
  var ram: UInt32 { Toy.ram(caller) }
  var flash: UInt32 { Toy.flash(caller) }
  /// A byte too long at the end, and a byte too early at the start: both reach a neighbour.
  var late: (UInt32, UInt32) { (ram + Toy.windowBytes - 4, 5) }
  var early: (UInt32, UInt32) { (ram - 1, 4) }
  var peers: [Int] { (0..<system.taskCount).filter { $0 != caller } }

  /// An index that no task has, where there is one.
  var nobody: [Int] { system.taskCount < 32 ? [31] : [] }

  /// The alphabet of a hostile task.
  var everything: [NamedEvent] {
    messages + answers + loans + rest + (caller == 0 ? services : forbiddenServices)
  }

  func event(
    _ call: Call, _ remark: String, _ fate: Event.Fate = .unharmed, r4: UInt32 = 0,
    from: (UInt32, UInt32) = (0, 0), into: (UInt32, UInt32) = (0, 0), r9: UInt32 = 0,
    r10: UInt32 = 0, isStale: Bool = false
  ) -> NamedEvent {
    var named = NamedEvent("\(call) \(remark)", .call, fate)
    named.event.isStale = isStale
    named.event.registers.r4 = r4
    (named.event.registers.r5, named.event.registers.r6) = from
    (named.event.registers.r7, named.event.registers.r8) = into
    named.event.registers.r9 = r9
    named.event.registers.r10 = r10
    named.event.registers.r11 = call.rawValue
    return named
  }

  func id(_ index: Int) -> UInt32 { UInt32(Toy.presentLife(index) & 0xFFFF) }
  func staleID(_ index: Int) -> UInt32 { UInt32(Toy.formerLife(index) & 0xFFFF) }
  func name(_ index: Int) -> String { system.name(index) }

  var messages: [NamedEvent] {
    var events: [NamedEvent] = []
    let message = (ram, UInt32(8))
    let answer = (ram + Toy.windowBytes - 8, UInt32(8))
    for peer in peers + nobody {
      guard peer < system.taskCount, Toy.calls(caller).contains(peer) else {
        events.append(
          event(
            .send, "to \(peer), not allowed", .misuse(.illegalTask), r4: UInt32(peer),
            from: message))
        continue
      }
      let to = "to \(name(peer))"
      let operation: UInt32 = 5 << 16
      events += [
        event(.send, to, r4: id(peer) | operation, from: message, into: answer),
        event(
          .send, "\(to), lending", r4: id(peer) | operation, from: (flash, 8), r9: flash,
          r10: Toy.leaseCount),
        event(
          .send, "\(to), lending a table elsewhere", r4: id(peer), r9: late.0, r10: 1),
        event(.send, "\(to), bad message", .badSlice, r4: id(peer), from: late),
        event(
          .send, "\(to), bad reply buffer", .badSlice, r4: id(peer), from: message, into: early),
        event(
          .send, "\(to), too long", .misuse(.tooLong), r4: id(peer), from: (ram, 257)),
        event(.send, "\(to), stale", r4: staleID(peer), from: message, isStale: true),
      ]
    }
    let buffer = (ram + 0x20, UInt32(4))
    events += [
      event(.receive, "", into: buffer), event(.receive, "all bits", into: buffer, r9: ~0),
      event(.receive, "bad buffer", .badSlice, into: late),
      event(.receiveNotifications, "bit 1", r9: 2),
      event(.receiveNotifications, "all bits", r9: ~0),
    ]
    return events
  }

  var answers: [NamedEvent] {
    var events: [NamedEvent] = []
    let buffer = (ram + 0x20, UInt32(4))
    for peer in peers {
      let to = "to \(name(peer))"
      let good = (ram + 4, UInt32(8))
      events += [
        event(.reply, to, .dependsOnPeer, r4: id(peer) | 9 << 16, from: good),
        event(.reply, "\(to), empty", r4: id(peer)),
        event(.reply, "\(to), bad message", .badSlice, r4: id(peer), from: early),
        event(.reply, "\(to), too long", .misuse(.tooLong), r4: id(peer), from: (ram, 257)),
        event(.reply, "\(to), stale", r4: staleID(peer), from: good, isStale: true),
        event(
          .replyAndReceive, to, .dependsOnPeer, r4: id(peer) | 9 << 16, from: (flash, 8),
          into: buffer, r9: ~0),
        event(
          .replyAndReceive, "\(to), bad buffer", .badSlice, r4: id(peer), into: early),
        event(.replyFault, to, r4: id(peer) | 2 << 16),
        event(.replyFault, "\(to), no reason", .misuse(.badSelector), r4: id(peer) | 6 << 16),
        event(.replyFault, "\(to), stale", r4: staleID(peer), isStale: true),
      ]
    }
    events += nobody.map { event(.reply, "to nobody", .misuse(.illegalTask), r4: UInt32($0)) }
    return events
  }

  var loans: [NamedEvent] {
    var events: [NamedEvent] = []
    let own = (ram + 0x30, UInt32(12))
    for peer in peers {
      let to = "of \(name(peer))"
      for lease in 0..<Toy.leaseCount + 1 {
        let word = id(peer) | lease << 16
        let fate = Event.Fate.dependsOnPeer
        events += [
          event(.borrowRead, "lease \(lease) \(to)", fate, r4: word, from: own),
          event(.borrowWrite, "lease \(lease) \(to)", fate, r4: word, from: own),
        ]
      }
      let word = id(peer)
      events += [
        event(.borrowInfo, to, .dependsOnPeer, r4: word),
        event(.borrowRead, "\(to) at its end", .dependsOnPeer, r4: word, from: own, into: (16, 0)),
        event(
          .borrowRead, "\(to) beyond its end", .dependsOnPeer, r4: word, from: own, into: (17, 0)),
        event(.borrowRead, "\(to) into foreign memory", .badSlice, r4: word, from: late),
        event(.borrowWrite, "\(to) from flash", .dependsOnPeer, r4: word, from: (flash, 8)),
        event(.borrowRead, "\(to) into flash", .badSlice, r4: word, from: (flash, 8)),
        event(.borrowRead, "\(to), stale", r4: staleID(peer), from: own, isStale: true),
      ]
    }
    events += nobody.map { event(.borrowInfo, "of nobody", .misuse(.illegalTask), r4: UInt32($0)) }
    return events
  }

  var rest: [NamedEvent] {
    var events: [NamedEvent] = []
    // One task with a longer wait is enough to see that ticks are counted.
    for (remark, after) in [("now", UInt64(0)), ("in 1 tick", 1), ("in 2 ticks", 2)]
    where after < 2 || caller == 1 {
      let deadline = Toy.presentTime + after
      events.append(
        event(
          .setTimer, remark, r4: UInt32(truncatingIfNeeded: deadline),
          from: (UInt32(truncatingIfNeeded: deadline >> 32), 2)))
    }
    events += [event(.setTimer, "off"), event(.getTimer, "")]
    let none = Event.Fate.misuse(.noInterrupt)
    let isOwner = caller == Toy.owner.task
    let mask = Toy.owner.notification
    events += [
      event(.irqControl, "enable", isOwner ? .unharmed : none, r4: mask, from: (1, 0)),
      event(.irqControl, "mask", isOwner ? .unharmed : none, r4: mask),
      event(.irqControl, "clear and enable", isOwner ? .unharmed : none, r4: mask, from: (3, 0)),
      event(.irqControl, "other bit", none, r4: ~mask, from: (1, 0)),
      event(.irqControl, "no such control", .misuse(.badSelector), r4: mask, from: (4, 0)),
      event(.irqStatus, "", isOwner ? .unharmed : none, r4: mask),
    ]
    for peer in peers {
      guard Toy.notifies(caller).contains(peer) else {
        events.append(
          event(.post, "to \(name(peer)), not allowed", .misuse(.illegalTask), r4: id(peer)))
        continue
      }
      if caller == 1 {
        events.append(
          event(
            .post, "bits 0 and 1 to \(name(peer))", .misuse(.notPostable), r4: id(peer),
            from: (3, 0)))
      }
      events += [
        event(.post, "bit 1 to \(name(peer))", r4: id(peer), from: (2, 0)),
        event(.post, "to \(name(peer)), stale", r4: staleID(peer), from: (2, 0), isStale: true),
      ]
    }
    events += nobody.map {
      event(.refreshTaskID, "of nobody", .misuse(.illegalTask), r4: UInt32($0))
    }
    events += [
      event(.refreshTaskID, "of client", refreshFate(2), r4: staleID(2)),
      event(.refreshTaskID, "of server", refreshFate(1), r4: staleID(1)),
      event(.panic, "", .panic, from: (flash + 0x40, 8)),
      event(.panic, "with foreign text", .panic, from: late),
    ]
    for number in [Call.last.rawValue + 1, 0x100, ~0] {
      var unknown = event(.panic, "", .misuse(.unknownCall))
      unknown.name = "call number \(number)"
      unknown.event.registers.r11 = number
      events.append(unknown)
    }
    return events
  }

  /// Asking is for those who may send or post, and for the supervisor.
  private func refreshFate(_ peer: Int) -> Event.Fate {
    let known = Toy.calls(caller).rawValue | Toy.notifies(caller).rawValue
    return caller == 0 || TaskSet(rawValue: known).contains(peer)
      ? .unharmed : .misuse(.illegalTask)
  }

  var services: [NamedEvent] {
    var events: [NamedEvent] = []
    for index in 0..<UInt32(system.taskCount + 1) {
      events += [
        event(.taskStatus, "of \(index)", r4: index),
        event(.restartTask, "\(index)", r4: index), event(.injectFault, "\(index)", r4: index),
        event(.giveUp, "\(index)", r4: index),
        event(.readPanicText, "of \(index)", r4: index, into: (ram + 0x20, 6)),
        event(.readPanicText, "of \(index), bad buffer", r4: index, into: late),
      ]
    }
    events += [
      event(.findFaultedTask, "", r4: 0), event(.resetMachine, ""), event(.readResetRecord, ""),
    ]
    return events
  }

  var forbiddenServices: [NamedEvent] {
    (Call.firstService...Call.last.rawValue).compactMap(Call.init).map {
      event($0, "", .misuse(.notSupervisor), r4: 2)
    }
  }
}
