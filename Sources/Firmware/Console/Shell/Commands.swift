// ConsoleShell/Commands.swift: what each command asks of whom, and prints of the answer.
// A peer that dies meanwhile is reported, never a reason to stop.

import Apus
import ConsoleInterface

extension Shell {
  /// Carries out the line; an empty one does nothing.
  mutating func carryOut() {
    let command = line.word(from: 0)
    if command.isEmpty { return }
    if line.reads(command, "help") {
      help()
    } else if line.reads(command, "ps") {
      listTasks()
    } else if line.reads(command, "uptime") {
      tellUptime()
    } else if line.reads(command, "log") {
      listLog()
    } else if line.reads(command, "read") {
      readSensor()
    } else if line.reads(command, "lend") {
      lendBuffer()
    } else if line.reads(command, "crash") {
      crash(line.word(from: command.end))
    } else if line.reads(command, "flood") {
      flood()
    } else if line.reads(command, "reset") {
      output.print("resetting\r\n")
      output.flush()
      _ = try? supervisor.call(ResetMachine())
    } else if line.reads(command, "exit") {
      output.print("apus: end of session\r\n")
      sessionIsOver = true
    } else {
      output.print("no such command; 'help' lists them\r\n")
    }
  }

  private mutating func help() {
    output.print("ps                  tasks, their lives and their last faults\r\n")
    output.print("uptime              how long the machine runs\r\n")
    output.print("log                 the last records of the logger\r\n")
    output.print("read                a sample, by a message\r\n")
    output.print("lend                64 bytes lent to the sensor, which fills them\r\n")
    output.print("crash <task> <kind> a fault, committed by the task itself\r\n")
    output.print("flood               1000 messages, each answered\r\n")
    output.print("reset               reset of the machine\r\n")
    output.print("exit                end of the session\r\n")
  }

  private mutating func tellUptime() {
    do throws(CallError) {
      let milliseconds = try clock.call(ReadUptime(), attempts: 2)
      output.print("up ")
      output.print(thousandths: milliseconds)
      output.print(" s\r\n")
    } catch {
      failed(error)
    }
  }

  private mutating func listLog() {
    var index: UInt32 = 0
    while let record = try? logger.call(ReadRecord(index), attempts: 3) {
      output.print(decimal: record.tick, width: 10)
      output.print("  ")
      output.print(taskName(Int(truncatingIfNeeded: record.task)), width: 10)
      switch record.event {
      case .start: output.print("  start")
      case .sample:
        output.print("  sample ")
        output.print(thousandths: record.value)
      case .fault:
        output.print("  fault of ")
        output.print(taskName(Int(truncatingIfNeeded: record.value)))
      default: output.print("  ?")
      }
      output.endLine()
      index &+= 1
    }
  }

  private mutating func readSensor() {
    do throws(CallError) {
      let sample = try sensor.call(ReadSample(), attempts: 3)
      output.print("sample ")
      output.print(decimal: sample.number)
      output.print(": ")
      output.print(thousandths: sample.millidegrees)
      output.print(" degrees\r\n")
    } catch {
      failed(error)
    }
  }

  private mutating func lendBuffer() {
    var buffer: InlineArray<64, UInt8> = InlineArray(repeating: 0)
    do throws(CallError) {
      var span = buffer.mutableSpan
      var bytes = span.mutableBytes
      let filled = try fill(&bytes)
      var sum: UInt32 = 0
      var index = 0
      while index < 64 {
        sum &+= UInt32(buffer[index])
        index &+= 1
      }
      output.print("lent 64 bytes, the sensor filled ")
      output.print(decimal: filled)
      output.print(", their sum is ")
      output.print(decimal: sum)
      output.endLine()
    } catch {
      failed(error)
    }
  }

  /// Lends again if the sensor had died since it was last asked.
  private mutating func fill(_ bytes: inout MutableRawSpan) throws(CallError) -> UInt32 {
    do throws(CallError) {
      return try sensor.call(FillSamples(), lending: &bytes)
    } catch {
      guard error.isDeath else { throw error }
      return try sensor.call(FillSamples(), lending: &bytes)
    }
  }

  private mutating func flood() {
    var answered: UInt32 = 0
    var sent: UInt32 = 0
    let start = Time.now
    while sent < 1_000 {
      sent &+= 1
      if (try? sensor.call(ReadSample())) != nil { answered &+= 1 }
    }
    let ticks = UInt32(truncatingIfNeeded: Time.now &- start)
    output.print(decimal: sent)
    output.print(" sent, ")
    output.print(decimal: answered)
    output.print(" answered in ")
    output.print(decimal: ticks)
    output.print(" ticks\r\n")
  }

  private mutating func crash(_ name: Word) {
    let kind = line.word(from: name.end)
    guard let index = task(named: name), let crime = crime(named: kind) else {
      output.print("crash <task> <kind>, where a task is")
      for index in 0..<(Image.taskCount &- 1) { printSpaced(Image.taskName(index)) }
      output.print("\r\nand a kind is")
      for number in 0..<Crime.count {
        if let crime = Crime(rawValue: number) { printSpaced(crime.name) }
      }
      output.endLine()
      return
    }
    output.flush()
    commit(crime, index)
    showFaults()
  }

  private mutating func commit(_ crime: Crime, _ index: Int) {
    do throws(CallError) {
      if crime == .injected {
        _ = try supervisor.call(InjectFault(UInt32(truncatingIfNeeded: index)))
        return
      }
      guard index != Peer.shellIndex else { return Crash(crime).commit() }
      var victim = Client(Call.refreshTaskID(TaskID(index: index)))
      _ = try victim.call(Crash(crime))
      output.print(Image.taskName(index))
      output.print(" lives on: this board lets '")
      output.print(crime.name)
      output.print("' pass\r\n")
    } catch {
      if !error.isDeath { failed(error) }
    }
  }

  private mutating func printSpaced(_ text: StaticString) {
    output.write(0x20)
    output.print(text)
  }

  private mutating func task(named word: Word) -> Int? {
    var index = 0
    while index < Image.taskCount &- 1 {
      if line.reads(word, Image.taskName(index)) { return index }
      index &+= 1
    }
    return nil
  }

  private mutating func crime(named word: Word) -> Crime? {
    var number: UInt32 = 0
    while let crime = Crime(rawValue: number) {
      if line.reads(word, crime.name) { return crime }
      number &+= 1
    }
    return nil
  }

  mutating func failed(_ error: CallError) {
    if let generation = error.code.deadGeneration {
      output.print("no answer: it died, ask generation ")
      output.print(decimal: UInt32(generation))
    } else {
      output.print("no answer: code ")
      output.print(hex: error.code.rawValue)
    }
    output.endLine()
  }
}

extension Peer {
  /// The shell's own index: the last before idle.
  static var shellIndex: Int { Image.taskCount &- 2 }
}
