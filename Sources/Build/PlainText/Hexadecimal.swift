// PlainText/Hexadecimal.swift: how addresses and registers are written.

/// `value` as at least `digits` hexadecimal digits.
public func hexadecimal(_ value: UInt32, digits: Int = 8) -> String {
  let text = String(value, radix: 16)
  return String(repeating: "0", count: max(0, digits - text.count)) + text
}

/// `value` as `0x` and eight digits, as in `0x20000008`.
public func hex(_ value: UInt32) -> String { "0x" + hexadecimal(value) }
