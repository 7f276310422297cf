// ApusABITests/WordTests.swift: what is packed into a word comes out of it again, for every value.
// Nothing here knows the kernel.

import ApusABI
import Testing

@Suite struct TaskIDTests {
  @Test("Every index and generation survive the way through 16 bits; higher bits are dropped.")
  func roundTrip() {
    for raw in 0...UInt16.max {
      let id = TaskID(rawValue: raw)
      #expect(id.index == Int(raw) % 32 && id.generation == raw / 32)
      #expect(TaskID(index: id.index, generation: id.generation) == id)
    }
    #expect(TaskID(index: 33, generation: 2049) == TaskID(index: 1, generation: 1))
    #expect(TaskID.kernel.rawValue == 0xFFFF)
  }
}

@Suite struct ResponseCodeTests {
  @Test("A dead code carries each generation, and no 16-bit code of a server is one.")
  func dead() {
    for generation in UInt16(0)...2047 {
      let code = ResponseCode.dead(generation: generation)
      #expect(code.rawValue == 0xFFFF_F800 + UInt32(generation))
      #expect(code.deadGeneration == generation)
    }
    for code in [0, 1, 2, 0xFFFF, 0xFFFF_F7FF] as [UInt32] {
      #expect(ResponseCode(rawValue: code).deadGeneration == nil)
    }
  }

  @Test("Success is 0, a defect is 1, a bad argument is 2.")
  func kernelsOwn() {
    let codes: [ResponseCode] = [.success, .defect, .badArgument]
    #expect(codes.map(\.rawValue) == [0, 1, 2])
  }
}

@Suite struct TaskStateTests {
  @Test("Zero is healthy and runnable, and each activity stands in the low byte.")
  func activities() {
    let peer = TaskID(index: 3, generation: 2047)
    let states: [(TaskState, UInt32, TaskActivity)] = [
      (.runnable, 0, .runnable), (.receiving, 1, .receiving), (.waiting, 2, .waiting),
      (.sending(to: peer), 0xFFE3_0003, .sending),
      (.awaitingReply(from: peer), 0xFFE3_0004, .awaitingReply),
    ]
    for (state, word, activity) in states {
      #expect(state.rawValue == word)
      #expect(state.activity == activity)
      #expect(state.fault == FaultKind.none && !state.isFaulted)
      #expect(state.isSending == (activity == .sending))
    }
    #expect(TaskState.sending(to: peer).peer == peer)
  }

  @Test("A fault keeps activity and peer, a second one replaces the kind only.")
  func faults() {
    let before = TaskState.sending(to: TaskID(index: 1, generation: 5))
    for kind in (1...13).compactMap({ FaultKind(rawValue: $0) }) {
      let state = before.faulted(.memory).faulted(kind)
      #expect(state.isFaulted && !state.isSending)
      #expect(state.fault == kind)
      #expect(state.activity == .sending && state.peer == before.peer)
    }
  }

  @Test("Unknown words read as no activity and no fault, and never trap.")
  func unknown() {
    for low in UInt32(0)...255 {
      #expect((TaskState(rawValue: low).activity == nil) == (low > 4))
      #expect((TaskState(rawValue: low << 8).fault == nil) == (low > 13))
    }
  }
}

@Suite struct TaskSetTests {
  @Test("Bit 31 is task 0, and the most important member comes first.")
  func order() {
    for index in 0..<32 {
      #expect(TaskSet(index).rawValue == 1 << UInt32(31 - index))
      #expect(TaskSet(index).first == index)
      var set = TaskSet(rawValue: .max)
      set.remove(index)
      #expect(!set.contains(index) && set.first == (index == 0 ? 1 : 0))
      set = .empty
      set.insert(index)
      set.insert(index)
      #expect((0..<32).filter { set.contains($0) } == [index])
    }
    #expect(TaskSet.empty.first == 32 && TaskSet.empty.isEmpty)
  }
}

@Suite struct InterruptOwnerTests {
  @Test("Number, task and bit stand in bytes of their own.")
  func fields() {
    for number in [0, 1, 31, 32, 239] {
      for task in 0..<32 {
        for bit in 0..<32 {
          let owner = InterruptOwner(number: number, task: task, bit: bit)
          #expect(owner.rawValue == UInt32(number + task * 256 + bit * 65_536))
          #expect(owner.number == number && owner.task == task)
          #expect(owner.notification == UInt32(1) << UInt32(bit))
        }
      }
    }
  }
}
