// FootprintKit/Render/Treemap.swift: areas in proportion to bytes, as square as possible.
// Pure geometry: no colours and no text. (Bruls, Huizing, van Wijk: Squarified Treemaps, 2000.)

/// A rectangle of a drawing.
struct Box: Equatable {
  var x: Double
  var y: Double
  var width: Double
  var height: Double

  var area: Double { width * height }

  /// The box without a margin on each side; never negative.
  func inset(_ margin: Double, top: Double) -> Box {
    Box(
      x: x + margin, y: y + top, width: max(0, width - 2 * margin),
      height: max(0, height - margin - top))
  }
}

enum Treemap {
  /// A box for each of `sizes`, which must be positive and in falling order.
  ///
  /// The boxes tile `frame` without overlap, in the order of the sizes.
  static func layout(_ sizes: [Int], in frame: Box) -> [Box] {
    let total = sizes.reduce(0, +)
    guard total > 0, frame.area > 0 else {
      return sizes.map { _ in Box(x: frame.x, y: frame.y, width: 0, height: 0) }
    }
    let scale = frame.area / Double(total)
    let areas = sizes.map { Double($0) * scale }
    var rest = frame
    var result: [Box] = []
    var start = 0
    while start < areas.count {
      let side = min(rest.width, rest.height)
      var end = start + 1
      var sum = areas[start]
      while end < areas.count {
        let now = worst(areas[start], areas[end - 1], sum, side)
        let next = worst(areas[start], areas[end], sum + areas[end], side)
        guard next <= now else { break }
        sum += areas[end]
        end += 1
      }
      place(areas[start..<end], sum, in: &rest, into: &result)
      start = end
    }
    return result
  }

  /// The worst aspect ratio of a strip whose largest and smallest areas are given.
  private static func worst(_ largest: Double, _ smallest: Double, _ sum: Double, _ side: Double)
    -> Double
  {
    let square = side * side
    guard smallest > 0, sum > 0 else { return .infinity }
    return max(square * largest / (sum * sum), sum * sum / (square * smallest))
  }

  /// Lays one strip along the shorter side and takes it off the rest.
  private static func place(
    _ areas: ArraySlice<Double>, _ sum: Double, in rest: inout Box, into result: inout [Box]
  ) {
    let isWide = rest.width >= rest.height
    let side = isWide ? rest.height : rest.width
    let thickness = side > 0 ? sum / side : 0
    var position = isWide ? rest.y : rest.x
    for area in areas {
      let length = thickness > 0 ? area / thickness : 0
      result.append(
        isWide
          ? Box(x: rest.x, y: position, width: thickness, height: length)
          : Box(x: position, y: rest.y, width: length, height: thickness))
      position += length
    }
    if isWide {
      rest.x += thickness
      rest.width = max(0, rest.width - thickness)
    } else {
      rest.y += thickness
      rest.height = max(0, rest.height - thickness)
    }
  }
}
