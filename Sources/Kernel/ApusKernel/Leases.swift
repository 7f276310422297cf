// ApusKernel/Leases.swift: a server reads and writes memory that a waiting client has lent it.
// A lease lasts as long as its lender waits for the reply; the kernel keeps no list of leases.

import ApusABI

extension Kernel {
  /// Serves the three calls on a lease: a read or a write, for which the lender must have given
  /// `right`, or a query of the lease, which needs none.
  ///
  /// The order of the checks decides who is to blame: what the borrower can know is its own fault;
  /// a lender that is gone gives a code; a lender that lent memory that is not its own is stopped.
  ///
  /// The table is in the lender's memory and may change between two calls, so its contents are
  /// never the borrower's fault: a missing right or an offset beyond the lease gives a code. The
  /// number of leases is in a register of the lender, which is constant while it waits.
  @inline(never)
  mutating func borrow(_ caller: Int, _ right: UInt32, _ machine: inout some Machine) {
    guard let lender = peerIndex(caller, &machine) else { return }
    let own = tasks[caller].registers.r5
    let wanted = tasks[caller].registers.r6
    guard right == 0 || mayTouchRarely(caller, own, wanted, writing: right == Lease.read, machine)
    else { return fault(caller, .badSlice, address: own, &machine) }
    guard isAlive(lender, for: caller) else { return }
    let number = tasks[caller].registers.r4 &>> 16
    tasks[caller].registers.r4 = ResponseCode.defect.rawValue
    guard tasks[lender].state == .awaitingReply(from: tasks[caller].id) else { return }
    guard number < tasks[lender].registers.r10 else {
      return misuse(caller, .leaseOutOfRange, &machine)
    }
    guard let lease = lease(number, of: lender, &machine) else { return }
    guard lease.rights & right == right else { return }
    if right == 0 {
      tasks[caller].registers.r5 = lease.byteCount
      tasks[caller].registers.r6 = lease.rights
    } else {
      let offset = tasks[caller].registers.r7
      guard offset <= lease.byteCount else { return }
      var from = lease.address &+ offset
      var to = own
      let count = min(min(wanted, lease.byteCount &- offset), Limit.messageBytes)
      if right == Lease.write { swap(&from, &to) }
      machine.copy(from: from, to: to, count: count)
      tasks[caller].registers.r5 = count
    }
    tasks[caller].registers.r4 = ResponseCode.success.rawValue
  }

  /// Reads lease `number` from the lender's table; if the entry or the memory that it lends is not
  /// the lender's, the lender is stopped and the result is `nil`.
  @inline(__always)
  private mutating func lease(
    _ number: UInt32, of lender: Int, _ machine: inout some Machine
  ) -> Lease? {
    let entry = tasks[lender].registers.r9 &+ number &* Lease.stride
    var lease = Lease(address: entry, byteCount: 0, rights: 0)
    if entry & 3 == 0 && mayTouchRarely(lender, entry, Lease.stride, writing: false, machine) {
      lease.address = machine.word(at: entry)
      lease.byteCount = machine.word(at: entry &+ 4)
      lease.rights = machine.word(at: entry &+ 8)
      let writing = lease.rights & Lease.write != 0
      if lease.rights <= Lease.read | Lease.write
        && mayTouchRarely(lender, lease.address, lease.byteCount, writing: writing, machine)
      {
        return lease
      }
    }
    fault(lender, .badSlice, address: lease.address, &machine)
    return nil
  }
}
