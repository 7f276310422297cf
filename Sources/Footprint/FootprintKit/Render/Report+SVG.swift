// FootprintKit/Render/Report+SVG.swift: the treemap as SVG: region, then component, then symbol.
// The drawing follows the reader's dark or light setting and needs nothing from the network.

extension Report {
  /// Colours that a drawing uses, as CSS: a class for each component, twelve hues, then grey.
  static let drawingStyle: String = {
    func rules(_ saturation: Int, _ lightness: Int) -> String {
      (0..<12).map { index in
        ".c\(index){fill:hsl(\(index * 150 % 360 + 15) \(saturation)% \(lightness)%)}"
      }.joined()
    }
    return """
      text{font:11px system-ui,sans-serif;fill:#1b1f24}.box{stroke:#fff;stroke-width:1}
      .head{font-weight:600}.frame{fill:none}.pad{fill:#c8ccd1}.back{fill:#fff}\(rules(52, 79))
      @media(prefers-color-scheme:dark){text{fill:#eef1f4}.box{stroke:#15181c}.back{fill:#15181c}
      .pad{fill:#4a5058}\(rules(32, 33))}
      """
  }()

  /// The CSS class of each component, in order of size; padding and the unexplained are grey.
  func componentClasses() -> [String: String] {
    var result = ["padding": "pad", "unattributed": "pad"]
    var next = 0
    for group in grouped(by: [.component]) where result[group.name] == nil {
      result[group.name] = "c\(next % 12)"
      next += 1
    }
    return result
  }

  /// A complete SVG document: each used region as a treemap under its title.
  public func svg() -> String {
    let width = 1200.0
    var y = 8.0
    var body = ""
    for region in regions where region.used > 0 {
      let height = regionHeight(region)
      body +=
        "<text class=\"head\" x=\"8\" y=\"\(number(y + 14))\">\(xml(regionTitle(region)))</text>\n"
      body += treemap(region, in: Box(x: 8, y: y + 22, width: width - 16, height: height))
      y += height + 36
    }
    return """
      <svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 \(number(width)) \(number(y))" role="img">
      <title>\(xml(title))</title>
      <style>\(Self.drawingStyle)</style>
      <rect class="back" width="100%" height="100%"/>
      \(body)</svg>

      """
  }

  func regionTitle(_ region: Region) -> String {
    let share = region.length.map { ", \(percent(region.used, of: $0)) of \(thousands($0))" } ?? ""
    return "\(region.name): \(thousands(region.used)) bytes\(share)"
  }

  /// The largest region is tallest; none is too flat to read.
  func regionHeight(_ region: Region) -> Double {
    let most = max(1, regions.map(\.used).max() ?? 1)
    return max(150, 420 * (Double(region.used) / Double(most)).squareRoot())
  }

  /// The boxes of one region.
  func treemap(_ region: Region, in frame: Box) -> String {
    var part = self
    part.regions = [region]
    part.rows = rows.filter { $0.region == region.name }
    let classes = componentClasses()
    let components = part.grouped(by: [.component, .symbol])
    var result = ""
    for (component, box) in zip(components, Treemap.layout(components.map(\.total), in: frame)) {
      let color = classes[component.name] ?? "pad"
      let title = "\(component.name): \(thousands(component.total)) bytes"
      result += rectangle(box, "box \(color)", title, component: component.name)
      let hasHeading = box.height > 30 && box.width > 50
      let inner = box.inset(2, top: hasHeading ? 17 : 2)
      if component.children.count > 1 {
        let symbols = component.children
        for (symbol, cell) in zip(symbols, Treemap.layout(symbols.map(\.total), in: inner)) {
          result += rectangle(
            cell, "box \(color)", "\(symbol.name): \(thousands(symbol.total)) bytes",
            component: component.name)
          result += label(short(symbol.name), thousands(symbol.total), in: cell, isHeading: false)
        }
      }
      if hasHeading {
        result += label(component.name, thousands(component.total), in: box, isHeading: true)
      }
    }
    return result
  }

  private func rectangle(_ box: Box, _ style: String, _ title: String, component: String) -> String
  {
    "<rect class=\"\(style)\" x=\"\(number(box.x))\" y=\"\(number(box.y))\" "
      + "width=\"\(number(box.width))\" height=\"\(number(box.height))\" "
      + "data-component=\"\(xml(component))\"><title>\(xml(title))</title></rect>\n"
  }

  /// What fits of a name, and the size where there is room for both.
  private func label(_ name: String, _ size: String, in box: Box, isHeading: Bool) -> String {
    let room = Int((box.width - 8) / 6.3)
    guard room >= 4, box.height >= 15 else { return "" }
    let full = "\(name)  \(size)"
    let text = full.count <= room ? full : name.count <= room ? name : name.prefix(room - 1) + "…"
    let style = isHeading ? " class=\"head\"" : ""
    return "<text\(style) pointer-events=\"none\" x=\"\(number(box.x + 4))\" "
      + "y=\"\(number(box.y + 12.5))\">\(xml(text))</text>\n"
  }

  /// A Swift name without its arguments' types: a box has little room.
  func short(_ name: String) -> String {
    guard !name.hasPrefix("[") else { return name }
    let bare = name.hasPrefix("static ") ? name.dropFirst("static ".count) : name[...]
    let end = bare.firstIndex { $0 == "(" || $0 == " " } ?? bare.endIndex
    let parts = bare[..<end].split(separator: ".")
    return parts.isEmpty ? name : parts.suffix(2).joined(separator: ".")
  }
}

/// A coordinate with at most two decimals, spelled the same on every machine.
func number(_ value: Double) -> String {
  let hundredths = Int((value * 100).rounded())
  let whole = hundredths / 100
  let rest = abs(hundredths % 100)
  if rest == 0 { return "\(whole)" }
  return (hundredths < 0 && whole == 0 ? "-" : "") + "\(whole)."
    + (rest < 10 ? "0\(rest)" : "\(rest)")
}
