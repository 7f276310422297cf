// TimelineKit/Write/Palette.swift: the colours and line styles of the picture and of the page.
// Each has a light and a dark value; nothing else in the writers names a colour.

/// The style sheet of every drawing.
enum Palette {
  /// Colours as CSS variables: name, on light, on dark.
  private static let colors: [(name: String, light: String, dark: String)] = [
    ("back", "#ffffff", "#14171c"), ("edge", "#d0d7de", "#343b44"), ("grid", "#e9edf1", "#262c33"),
    ("band", "#f6f8fa", "#191d23"), ("ink", "#1f2328", "#e9edf2"), ("soft", "#59636e", "#9ba5b1"),
    ("run", "#2f6bd8", "#5c9dff"), ("ready", "#93b4ec", "#3d639f"), ("wait", "#e3b341", "#c69026"),
    ("rest", "#aeb7c1", "#59626d"), ("fault", "#cf222e", "#ff6b63"), ("life", "#1a7f37", "#4cc46c"),
    ("send", "#24292f", "#dfe6ee"), ("reply", "#6e7781", "#8b96a3"), ("post", "#8250df", "#b58cff"),
    ("loan", "#a86b00", "#d9a441"), ("line", "#0b7a86", "#43c3cf"),
  ]

  private static func variables(
    _ value: KeyPath<(name: String, light: String, dark: String), String>
  )
    -> String
  {
    colors.map { "--\($0.name):\($0[keyPath: value])" }.joined(separator: ";")
  }

  /// The variables, at the element `root`.
  static func variables(at root: String) -> String {
    """
    \(root){\(variables(\.light))}
    @media(prefers-color-scheme:dark){\(root){\(variables(\.dark))}}
    """
  }

  /// The rules of a drawing's elements, by class.
  static let rules = """
    text{font:12px system-ui,-apple-system,"Segoe UI",Helvetica,Arial,sans-serif;fill:var(--ink)}
    .title{font-size:17px;font-weight:600}.soft{fill:var(--soft)}.small{font-size:10.5px}
    .name{font-weight:600}.halo{paint-order:stroke;stroke:var(--back);stroke-width:3px;stroke-linejoin:round}
    .card{fill:var(--back);stroke:var(--edge)}.band{fill:var(--band)}.grid{stroke:var(--grid)}
    .run{fill:var(--run)}.ready{fill:var(--ready)}.wait{fill:var(--wait)}.rest{fill:var(--rest)}
    .fault{fill:var(--fault)}.onfault{fill:var(--back);font-weight:600;paint-order:stroke;stroke:var(--fault);stroke-width:4px}.tfault{fill:var(--fault);font-weight:600}
    .life{stroke:var(--life);stroke-width:3}.tlife{fill:var(--life);font-weight:600}
    .a{fill:none;stroke-width:1.6}.h{stroke:none}
    .send{stroke:var(--send)}.hsend{fill:var(--send)}
    .reply{stroke:var(--reply);stroke-dasharray:4 3}.hreply{fill:var(--reply)}
    .dead{stroke:var(--fault);stroke-dasharray:4 3}.hdead{fill:var(--fault)}
    .post{stroke:var(--post);stroke-dasharray:1.5 3;stroke-linecap:round;stroke-width:2}.hpost{fill:var(--post)}
    .loan{stroke:var(--loan);stroke-width:1.2}.hloan{fill:var(--loan)}
    .line{stroke:var(--line);stroke-width:1.6}.hline{fill:var(--line)}
    .clock{fill:var(--back);stroke:var(--line);stroke-width:1.4}.due{fill:var(--line);stroke:var(--line)}
    .guide{stroke:var(--soft);stroke-dasharray:1 3}
    .dot{fill:var(--ink)}.ndot{fill:var(--back);font-weight:700;text-anchor:middle;font-size:11px}
    """
}

/// `text` as XML text or the value of an attribute.
func xml(_ text: String) -> String {
  var result = ""
  for character in text {
    switch character {
    case "&": result += "&amp;"
    case "<": result += "&lt;"
    case ">": result += "&gt;"
    case "\"": result += "&quot;"
    default: result.append(character)
    }
  }
  return result
}

/// A coordinate with at most one decimal, the same on every host.
func number(_ value: Double) -> String {
  let tenths = Int((value * 10).rounded())
  let sign = tenths < 0 ? "-" : ""
  let (whole, rest) = abs(tenths).quotientAndRemainder(dividingBy: 10)
  return rest == 0 ? "\(sign)\(whole)" : "\(sign)\(whole).\(rest)"
}
