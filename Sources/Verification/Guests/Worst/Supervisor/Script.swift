// WorstSupervisor/Script.swift: the situations, each prepared, counted, and found as it should be.
// The numbers in brackets count the situations of one task: s the supervisor's, a those of actor 1,
// the most important, z those of actor 30, the least.

import Apus
import CApus
import CApusMisdeeds
import WorstInterface

extension Supervisor {
  mutating func countMessages() {
    let (server, client) = (Self.server, Self.client)
    // [z3] A message to a receiver that waits for it.
    tell(client, send(client, to: 0, counted: true))
    expectLife(client)
    // [z4] With a reply buffer that is not the sender's.
    var bad = send(client, to: 0, counted: true)
    bad.r7 = 0
    tell(client, bad)
    expectFault(client)
    sleepAndListen()
    // [z5] Of memory that is not the sender's; [z6] too long; [z7] to a receiver that is busy.
    tell(client, badSend(client, to: 0, counted: true))
    expectFault(client)
    sleepAndListen()
    tell(client, send(client, to: 0, bytes: 257, counted: true))
    expectFault(client)
    sleepAndListen()
    tell(client, send(client, to: server, counted: true))
    // [a1] The receive of one message.
    tell(server, receive(server, counted: true))
    expectLife(server)
    // [a2] The reply to it.
    tell(server, self.reply(server, to: client))
    expectLife(client)
    // [a3] A reply of memory that is not the caller's; [a4] one that is too long.
    engage(client, server)
    var reply = reply(server, to: client)
    reply.r5 = 0
    tell(server, reply)
    expectFault(server)
    sleepAndListen()
    engage(client, server)
    tell(server, self.reply(server, to: client, bytes: 257))
    expectFault(server)
    sleepAndListen()
    // [a5] A refusal; [a6] one with a reason that is none.
    engage(client, server)
    var refusal = call(.replyFault, counted: true)
    refusal.r4 = UInt32(id(client).rawValue)
    tell(server, refusal)
    expectFault(client)
    sleepAndListen()
    refusal.r4 |= 0xFFFF_0000
    tell(server, refusal)
    expectFault(server)
    sleepAndListen()
  }

  /// Queues at `target` the actors from `first` on, each with its longest message.
  mutating func queue(from first: Int, at target: Int) {
    var actor = first
    while actor <= Self.client {
      order(actor, send(actor, to: target))
      actor &+= 1
    }
  }

  mutating func countQueues() {
    // [a7] Actor 1 takes one of 29 messages; [a8] none, for it has no buffer.
    queue(from: 2, at: 1)
    sleepAndListen()
    tell(1, receive(1, counted: true))
    restartQueue(from: 2)
    queue(from: 2, at: 1)
    sleepAndListen()
    var bad = receive(1, counted: true)
    bad.r7 = 0
    tell(1, bad)
    expectFault(1)
    restartQueue(from: 2)
    // [a9] One after a reply of 255 bytes, with 28 in the queue; [a10] the same without a buffer.
    engage(2, 1)
    queue(from: 3, at: 1)
    sleepAndListen()
    tell(1, reply(1, to: 2, .replyAndReceive))
    expectLife(2)
    restartQueue(from: 3)
    engage(2, 1)
    queue(from: 3, at: 1)
    sleepAndListen()
    bad = reply(1, to: 2, .replyAndReceive)
    bad.r7 = 0
    tell(1, bad)
    expectFault(1)
    restartQueue(from: 2)
    // [s1] The supervisor takes one of 30 messages, and looks away from the faults meanwhile.
    queue(from: 1, at: 0)
    sleepDeaf()
    Site.countedCall(own(.receive))
    restartQueue(from: 1)
    // [s2] A reply of 255 bytes to actor 1, then one of 29 in the queue.
    queue(from: 2, at: 0)
    sleepDeaf()
    var reply = own(.replyAndReceive)
    reply.r4 = UInt32(id(1).rawValue)
    idlers &= ~2
    Site.countedCall(reply)
    restartQueue(from: 2)
  }

  /// The senders that are left get new lives, and so does the one that waits for a reply.
  mutating func restartQueue(from first: Int) {
    var actor = first
    while actor <= Self.client {
      Call.injectFault(actor)
      actor &+= 1
    }
    restartAll()
  }

  mutating func countLeases() {
    countLeases(.borrowRead, lease: 0)
    countLeases(.borrowWrite, lease: 1)
    countLeases(.borrowInfo, lease: 1)
    expect(idlers == Self.everyone)
  }

  private mutating func countLeases(_ number: Call, lease: UInt32) {
    let (server, client) = (Self.server, Self.client)
    let lent: UInt32 = 4
    // [a9, a14, a19] 255 bytes, or a look at the lease.
    engage(client, server, leases: lent)
    tell(server, borrow(server, number, from: client, lease: lease))
    expectLife(server)
    // [a10, a15, a20] A lease of memory that is not the lender's, who is stopped.
    tell(server, borrow(server, number, from: client, lease: 2))
    expectFault(client)
    sleepAndListen()
    // [a11, a16, a21] An empty lease.
    engage(client, server, leases: lent)
    tell(server, borrow(server, number, from: client, lease: 3))
    expectLife(server)
    // [a12, a17, a22] Own memory that is not the caller's; a look uses none.
    var bad = borrow(server, number, from: client, lease: lease)
    bad.r5 = 0
    tell(server, bad)
    if number != .borrowInfo {
      expectFault(server)
      sleepAndListen()
      engage(client, server, leases: lent)
    }
    // [a13, a18, a23] A lease that is none.
    tell(server, borrow(server, number, from: client, lease: lent))
    expectFault(server)
    sleepAndListen()
  }

  /// Lets `actor` make a call that is counted; `stops`: and that stops it.
  mutating func count(
    _ actor: Int, _ number: UInt32, _ r4: UInt32 = 0, _ r5: UInt32 = 0, _ r6: UInt32 = 0,
    stops: Bool = false
  ) {
    var order = Order(Order.Kind.count, number)
    (order.r4, order.r5, order.r6) = (r4, r5, r6)
    tell(actor, order)
    if !stops { return expectLife(actor) }
    expectFault(actor)
    sleepAndListen()
    expectLife(actor)
  }

  mutating func countTheRest() {
    let (server, client) = (Self.server, Self.client)
    // [z8] A notification that is there; [z9] none, until actor 29's comes.
    var wait = call(.receiveNotifications, counted: true)
    wait.r9 = 1
    var post = call(.post)
    (post.r4, post.r5) = (UInt32(id(client).rawValue), 1)
    tell(client &- 1, post)
    tell(client, wait)
    expectLife(client)
    tell(client, wait)
    tell(client &- 1, post)
    expectLife(client)
    // [z10] A post that wakes actor 1; [z11] one to whom the manifest does not name,
    // [z12] and of a bit that only an interrupt posts.
    (wait.kind, wait.r9) = (Order.Kind.prepare, 1 &<< 31)
    tell(server, wait)
    count(client, Call.post.rawValue, UInt32(id(server).rawValue), 1 &<< 31)
    expectLife(server)
    count(client, Call.post.rawValue, 2, 1, stops: true)
    count(client, Call.post.rawValue, UInt32(id(server).rawValue), 1, stops: true)
    // [a24, a25] All 32 interrupts on and off, [a26] with a word that is none; [z13] of nobody.
    count(server, Call.irqControl.rawValue, ~0, 3)
    count(server, Call.irqControl.rawValue, ~0, 2)
    count(server, Call.irqControl.rawValue, ~0, 4, stops: true)
    count(client, Call.irqControl.rawValue, ~0, 3, stops: true)
    // [a27] The state of all 32; [z14] of nobody.
    count(server, Call.irqStatus.rawValue, ~0)
    count(client, Call.irqStatus.rawValue, ~0, stops: true)
    // [z15] Another's present life.
    count(client, Call.refreshTaskID.rawValue, 1)
    // [z16...z23] Calls that are the supervisor's; [z24] a number that is no call.
    var number = Call.firstService
    while number <= Call.last.rawValue &+ 1 {
      count(client, number, stops: true)
      number &+= 1
    }
  }

  mutating func countFaults() {
    var kind: UInt32 = 0
    while kind <= Misdeed.stack {
      tell(Self.client, Order(Order.Kind.misdeed, kind))
      expectFault(Self.client)
      sleepAndListen()
      kind &+= 1
    }
  }
}
