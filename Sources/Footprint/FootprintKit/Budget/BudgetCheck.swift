// FootprintKit/Budget/BudgetCheck.swift: compares a report with the limits of its image.
// Each limit gives exactly one finding, passed or failed, with both numbers and its line.

/// The outcome of one limit.
public struct Finding: Sendable, Equatable {
  public enum Status: String, Sendable {
    case passed, failed
    /// Within a limit that a ratchet wants lowered.
    case loose
  }

  public var status: Status
  public var image: String
  /// What was limited, for example `kernel in flash`.
  public var subject: String
  /// One sentence with both numbers.
  public var message: String
  /// The line of the budget file; 0 when no line is at fault.
  public var line: Int
}

extension Limit {
  /// The limit's subject in words.
  var title: String {
    switch subject {
    case .region(let name): "region \(name)"
    case .component(let name, let region): "\(name) in \(region)"
    case .symbols(let pattern): "symbol \(pattern)"
    case .stack(let name): "stack of \(name)"
    }
  }

  /// What the report says about the subject, in bytes; nil when there is no such thing.
  func measured(in report: Report, stacks: [String: Int]) -> Int? {
    switch subject {
    case .region(let name): return report.regions.first { $0.name == name }?.used
    case .component(let name, let region):
      guard report.regions.contains(where: { $0.name == region }),
        report.rows.contains(where: { $0.component == name })
      else { return nil }
      return report.rows.filter { $0.component == name && $0.region == region }
        .reduce(0) { $0 + $1.size }
    case .symbols: return matches(in: report).reduce(0) { $0 + $1.size }
    case .stack(let name): return stacks[name]
    }
  }

  func matches(in report: Report) -> [Row] {
    guard case .symbols(let pattern) = subject else { return [] }
    return report.rows.filter {
      Glob.matches($0.symbol, pattern) || Glob.matches($0.name, pattern)
        || Glob.matches($0.generic, pattern)
    }
  }
}

extension BudgetFile {
  /// True if a limit of this image is one of a stack, which takes longer to find out.
  public func limitsStacks(of image: String) -> Bool {
    limits.contains { limit in
      if case .stack = limit.subject { return Glob.matches(image, limit.image) }
      return false
    }
  }

  /// One finding for each limit of the report's image.
  ///
  /// - Parameter stacks: static bounds in bytes by name, for limits of stacks.
  public func check(_ report: Report, stacks: [String: Int] = [:]) throws(FootprintError)
    -> [Finding]
  {
    let mine = limits.filter { Glob.matches(report.image, $0.image) }
    guard !mine.isEmpty else {
      throw FootprintError(
        .unreadable,
        "no budget for image '\(report.image)'\n  at \(path); it has: \(images.joined(separator: ", "))"
      )
    }
    return mine.map { finding($0, report, stacks) }
  }

  private func finding(_ limit: Limit, _ report: Report, _ stacks: [String: Int]) -> Finding {
    var result = Finding(
      status: .passed, image: report.image, subject: limit.title, message: "", line: limit.line)
    guard let measured = limit.measured(in: report, stacks: stacks) else {
      result.status = .failed
      result.message = "there is no \(limit.title) in this image; \(known(limit, report, stacks))"
      return result
    }
    switch limit.maximum {
    case .forbidden:
      let found = limit.matches(in: report)
      result.status = found.isEmpty ? .passed : .failed
      result.message =
        found.first.map {
          "forbidden, but '\($0.name)' is in \($0.component) (\(thousands(measured)) B)"
        } ?? "absent, as it must be"
    case .share(let share):
      let length = report.regions.first { limit.subject == .region($0.name) }?.length ?? 0
      compare(measured, length * share / 100, "\(share) % of \(thousands(length)) B", &result)
    case .bytes(let maximum): compare(measured, maximum, "\(thousands(maximum)) B", &result)
    }
    return result
  }

  private func compare(_ measured: Int, _ maximum: Int, _ words: String, _ result: inout Finding) {
    if measured > maximum {
      result.status = .failed
      result.message = "\(thousands(measured)) B, \(thousands(measured - maximum)) over \(words)"
    } else {
      result.status = ratchet && measured < maximum && !words.contains("%") ? .loose : .passed
      result.message = "\(thousands(measured)) B of \(words)"
    }
  }

  private func known(_ limit: Limit, _ report: Report, _ stacks: [String: Int]) -> String {
    let names: [String] =
      switch limit.subject {
      case .region: report.regions.map(\.name)
      case .component: Set(report.rows.map(\.component)).sorted()
      case .symbols: []
      case .stack: stacks.keys.sorted()
      }
    return "known: " + names.prefix(12).joined(separator: ", ")
  }
}

extension Finding {
  /// A table of all findings, failures marked, and the count.
  public static func text(_ findings: [Finding]) -> String {
    var table = TextTable([("", .left), ("image", .left), ("what", .left), ("measured", .left)])
    for finding in findings {
      let mark =
        switch finding.status {
        case .passed: "ok"
        case .failed: "FAIL"
        case .loose: "ok"
        }
      let hint = finding.status == .loose ? "; the limit can be lowered" : ""
      table.add([mark, finding.image, finding.subject, finding.message + hint])
    }
    let failed = findings.count { $0.status == .failed }
    return table.text() + "\n\(findings.count) limits, \(failed) broken"
  }

  /// Annotations that GitHub Actions shows beside the lines of the budget file.
  public static func annotations(_ findings: [Finding], file: String) -> String {
    findings.filter { $0.status != .passed }.map { finding in
      let level = finding.status == .failed ? "error" : "notice"
      let text = "\(finding.image): \(finding.subject): \(finding.message)"
        .replacing("%", with: "%25").replacing("\n", with: "%0A")
      return "::\(level) file=\(file),line=\(finding.line)::\(text)\n"
    }.joined()
  }

  /// JUnit XML, one test case for each limit.
  public static func junit(_ findings: [Finding]) -> String {
    let failed = findings.count { $0.status == .failed }
    var lines = [
      "<?xml version=\"1.0\" encoding=\"UTF-8\"?>",
      "<testsuite name=\"footprint\" tests=\"\(findings.count)\" failures=\"\(failed)\">",
    ]
    for finding in findings {
      let name = "classname=\"\(xml(finding.image))\" name=\"\(xml(finding.subject))\""
      let failure = "<failure message=\"\(xml(finding.message))\"/>"
      lines.append(
        finding.status == .failed
          ? "  <testcase \(name)>\(failure)</testcase>" : "  <testcase \(name)/>")
    }
    return (lines + ["</testsuite>", ""]).joined(separator: "\n")
  }
}

/// Text made safe for XML, HTML and SVG, attributes included.
func xml(_ text: String) -> String {
  var result = ""
  for scalar in text.unicodeScalars {
    switch scalar {
    case "&": result += "&amp;"
    case "<": result += "&lt;"
    case ">": result += "&gt;"
    case "\"": result += "&quot;"
    case "'": result += "&#39;"
    // Control characters are not allowed in XML at all; a hostile symbol name may hold them.
    case _ where scalar.value < 32 && scalar != "\n" && scalar != "\t": result += "?"
    default: result.unicodeScalars.append(scalar)
    }
  }
  return result
}
