// FootprintKit/Render/Report+JSON.swift: the report as JSON, and back.
// Keys are sorted and nothing is dated: the same image gives the same bytes.

import Foundation

extension Report {
  /// The report as JSON of version 1, whose schema is `ReportSchema.text`.
  public func json() throws(FootprintError) -> String {
    do {
      let encoder = JSONEncoder()
      encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
      return String(decoding: try encoder.encode(self), as: UTF8.self) + "\n"
    } catch {
      throw FootprintError(.unsound, "cannot encode the report: \(error)")
    }
  }

  /// Reads a report that was saved as JSON.
  ///
  /// - Throws: `unreadable` for another format or version, `unsound` if its sums do not add up.
  public init(json: Data, name: String) throws(FootprintError) {
    struct Version: Decodable { var version: Int }
    let decoder = JSONDecoder()
    guard let version = try? decoder.decode(Version.self, from: json) else {
      throw FootprintError(.unreadable, "'\(name)' is no saved report: it has no version")
    }
    guard version.version == Report.currentVersion else {
      throw FootprintError(
        .unreadable,
        "'\(name)' has version \(version.version), this tool reads \(Report.currentVersion)")
    }
    do {
      self = try decoder.decode(Report.self, from: json)
    } catch {
      throw FootprintError(.unreadable, "'\(name)' is damaged: \(error)")
    }
    try requireSound()
  }
}

/// The published JSON schema of a report.
public enum ReportSchema {
  /// JSON Schema, draft 2020-12; `footprint schema` prints it.
  public static let text = """
    {
      "$schema": "https://json-schema.org/draft/2020-12/schema",
      "$id": "footprint-report-1",
      "title": "Where every byte of an image goes",
      "description": "For each region the sizes of its rows add up to its used bytes.",
      "type": "object",
      "required": ["version", "image", "regions", "rows", "notes"],
      "properties": {
        "version": {"const": 1},
        "image": {"type": "string"},
        "processor": {"type": "string"},
        "notes": {"type": "array", "items": {"type": "string"}},
        "regions": {"type": "array", "items": {
          "type": "object",
          "required": ["name", "kind", "origin", "used"],
          "properties": {
            "name": {"type": "string"},
            "kind": {"enum": ["flash", "ram"]},
            "origin": {"type": "integer", "minimum": 0},
            "length": {"type": "integer", "minimum": 0},
            "used": {"type": "integer", "minimum": 0}
          }, "additionalProperties": false}},
        "rows": {"type": "array", "items": {
          "type": "object",
          "required": ["region", "component", "module", "file", "line", "symbol", "name",
            "generic", "kind", "address", "size", "section"],
          "properties": {
            "region": {"type": "string"},
            "component": {"type": "string"},
            "module": {"type": "string"},
            "file": {"type": "string"},
            "line": {"type": "integer", "minimum": 0},
            "symbol": {"type": "string"},
            "name": {"type": "string"},
            "generic": {"type": "string"},
            "kind": {"enum": ["vectors", "code", "rodata", "strings", "tables", "dataInit",
              "data", "bss", "stack", "noinit", "padding", "unattributed"]},
            "address": {"type": "integer", "minimum": 0},
            "size": {"type": "integer", "minimum": 1},
            "section": {"type": "string"}
          }, "additionalProperties": false}}
      },
      "additionalProperties": false
    }

    """
}
