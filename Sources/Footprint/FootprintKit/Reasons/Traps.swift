// FootprintKit/Reasons/Traps.swift: the checks of an image that can trap, by source line.
// A trap is a `udf`; where several checks share one, each branch to it is a check of its own.

import ELFKit

/// A check that may trap.
public struct TrapSite: Sendable, Equatable, Codable {
  public var function: String
  /// Where the check stands; empty without debugging information.
  public var file: String
  public var line: Int
  /// How many checks of the machine code come from this line.
  public var count: Int
}

/// Every check of an image that can trap.
public struct Traps: Sendable, Equatable, Codable {
  public var image: String
  public var sites: [TrapSite]
  /// Trap instructions: shared by checks when the compiler merges them.
  public var instructionCount: Int

  /// Finds the traps of an ELF.
  public init(_ file: ELFFile, name: String) {
    let info = (try? file.debugInfo()) ?? DebugInfo()
    let lines = try? file.lineTable(info: info)
    let functions = file.symbolsInAddressOrder.filter { $0.kind == .function && $0.byteCount > 0 }
    let names = SwiftNames.readable(functions.map(\.name))
    let data = DataMap(file)
    var counts: [Site: Int] = [:]
    var total = 0
    var seen: Set<UInt32> = []
    for symbol in functions where seen.insert(symbol.address).inserted {
      let found = Self.checks(in: symbol, file, data)
      total += found.trapCount
      for address in found.addresses {
        let place = Self.place(of: address, in: symbol, lines)
        let title = names[symbol.name]?.display ?? symbol.name
        let path = SourceIndex.shortened(place?.file ?? "", below: "")
        counts[Site(function: title, file: path, line: place?.line ?? 0), default: 0] += 1
      }
    }
    image = name
    instructionCount = total
    sites = counts.map { site, count in
      TrapSite(function: site.function, file: site.file, line: site.line, count: count)
    }
    .sorted { ($0.file, $0.line, $0.function) < ($1.file, $1.line, $1.function) }
  }

  private struct Site: Hashable {
    var function: String
    var file: String
    var line: Int
  }

  /// The line of an instruction, or of the nearest one before it in the function that has a line.
  ///
  /// Compilers give the branch of a check to no line when several checks share their trap.
  private static func place(
    of address: UInt32, in symbol: ELFSymbol, _ lines: LineTable?
  ) -> SourcePlace? {
    var at = address
    while at >= symbol.address {
      if let place = lines?.place(of: at), place.line > 0, !place.file.contains("<") {
        return place
      }
      guard at >= 2 else { break }
      at -= 2
    }
    return nil
  }

  /// The addresses of branches to a trap, and of traps that are reached by falling into them.
  private static func checks(
    in symbol: ELFSymbol, _ file: ELFFile, _ data: DataMap
  ) -> (addresses: [UInt32], trapCount: Int) {
    var traps: Set<UInt32> = []
    var branches: [(site: UInt32, target: UInt32)] = []
    var falls: [UInt32: Bool] = [:]
    var address = symbol.address
    let end = UInt64(symbol.address) + UInt64(symbol.byteCount)
    var fallsThrough = true
    while UInt64(address) + 2 <= end {
      // Before anything else: a hostile size must end where the file's bytes end.
      guard let bytes = file.bytes(at: address, count: 2) else { break }
      if data.contains(address) {
        address &+= 2
        continue
      }
      let first = UInt32(bytes[bytes.startIndex]) | UInt32(bytes[bytes.startIndex + 1]) << 8
      let more = file.bytes(at: address &+ 2, count: 2)
      let second = more.map { UInt32($0[$0.startIndex]) | UInt32($0[$0.startIndex + 1]) << 8 } ?? 0
      let instruction = ThumbInstruction(at: address, first, second)
      switch instruction.flow {
      case .traps:
        traps.insert(address)
        falls[address] = fallsThrough
        fallsThrough = false
      case .branch(let target, let conditional):
        branches.append((address, target))
        fallsThrough = conditional
      case .returns, .jumpUnknown, .jumpRegister, .jumpLiteral: fallsThrough = false
      default: fallsThrough = true
      }
      address &+= instruction.byteCount
    }
    let checks = branches.filter { traps.contains($0.target) }.map(\.site)
    let fallen = traps.filter { falls[$0] == true }
    return ((checks + fallen).sorted(), traps.count)
  }

  /// A table by source line.
  public var text: String {
    var table = TextTable([("checks", .right), ("source", .left), ("function", .left)])
    for site in sites {
      let place = site.file.isEmpty ? "?" : "\(site.file):\(site.line)"
      table.add(["\(site.count)", place, site.function])
    }
    let checks = sites.reduce(0) { $0 + $1.count }
    return "\(image): \(checks) checks can trap, \(instructionCount) trap instructions\n\n"
      + table.text() + "\n"
  }
}
