// WorstSupervisor/Orders.swift: the calls of the script, each with the registers it needs.
// All slices are the longest and the slowest: 255 bytes at an odd address, to be read from flash.

import Apus
import WorstInterface

extension Supervisor {
  /// 255 bytes are slower than 256: the last three are moved one by one.
  static var byteCount: UInt32 { 255 }

  func call(_ call: Call, counted: Bool = false) -> Order {
    Order(counted ? Order.Kind.count : Order.Kind.prepare, call.rawValue)
  }

  /// A send of `actor` from its flash; `bytes` may be wrong.
  func send(
    _ actor: Int, to target: Int, bytes: UInt32 = byteCount, leases: UInt32 = 0,
    counted: Bool = false
  ) -> Order {
    var order = call(.send, counted: counted)
    order.r4 = UInt32(id(target).rawValue) | 1 &<< 16
    (order.r5, order.r6) = (code[actor] &+ 1, bytes)
    (order.r7, order.r8) = (room[actor] &+ Place.data, Place.byteCount)
    (order.r9, order.r10) = (room[actor] &+ Place.leases, leases)
    return order
  }

  /// A send of memory that is not the sender's: it is stopped when the message is to be delivered.
  func badSend(_ actor: Int, to target: Int, counted: Bool = false) -> Order {
    var order = send(actor, to: target, counted: counted)
    order.r5 = 0
    return order
  }

  /// A receive of `actor` into its RAM.
  func receive(_ actor: Int, mask: UInt32 = 0, counted: Bool = false) -> Order {
    var order = call(.receive, counted: counted)
    (order.r7, order.r8) = (room[actor] &+ Place.data, Place.byteCount)
    order.r9 = mask
    return order
  }

  /// An answer of `actor` from its flash; `number` is `reply` or `replyAndReceive`.
  func reply(
    _ actor: Int, to client: Int, _ number: Call = .reply, bytes: UInt32 = byteCount
  ) -> Order {
    var order = receive(actor)
    (order.kind, order.number) = (Order.Kind.count, number.rawValue)
    order.r4 = UInt32(id(client).rawValue)
    (order.r5, order.r6) = (code[actor] &+ 1, bytes)
    return order
  }

  /// A borrow of `actor` from `lender`; `number` is one of the three.
  func borrow(
    _ actor: Int, _ number: Call, from lender: Int, lease: UInt32, bytes: UInt32 = byteCount
  ) -> Order {
    var order = call(number, counted: true)
    order.r4 = UInt32(id(lender).rawValue) | lease &<< 16
    order.r5 = number == .borrowWrite ? code[actor] &+ 1 : room[actor] &+ Place.data
    order.r6 = bytes
    return order
  }

  /// `client` waits for the reply of `server`, which waits for an order.
  mutating func engage(_ client: Int, _ server: Int, leases: UInt32 = 0) {
    tell(server, receive(server))
    tell(client, send(client, to: server, leases: leases))
    expectLife(server)
  }

  /// A call of the supervisor, of its own memory.
  func own(_ number: Call) -> Order {
    var order = call(number, counted: true)
    (order.r5, order.r6) = (Site.codeAddress &+ 1, Self.byteCount)
    (order.r7, order.r8) = (memory, Place.byteCount)
    return order
  }
}
