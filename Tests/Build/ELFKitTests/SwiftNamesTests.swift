// ELFKitTests/SwiftNamesTests.swift: names as people read them, with and without the toolchain.

import ELFKit
import Testing

@Suite struct SwiftNamesTests {
  static let push32 = "$e1a4RingV4pushySbxFs6UInt32V_Tg5"
  static let push8 = "$e1a4RingV4pushySbxFs5UInt8V_Tg5"

  @Test("Specialisations of one generic share its name and differ in their variant.")
  func generics() throws {
    let names = SwiftNames.readable([Self.push32, Self.push8])
    let wide = try #require(names[Self.push32])
    let narrow = try #require(names[Self.push8])
    #expect(wide.generic == "a.Ring.push(A) -> Swift.Bool")
    #expect(narrow.generic == wide.generic)
    #expect(wide.variant == "generic specialization <Swift.UInt32>")
    #expect(narrow.variant == "generic specialization <Swift.UInt8>")
  }

  @Test("The module is read from the mangled name; C has none.")
  func modules() {
    let names = SwiftNames.readable([
      Self.push8, "$es6UInt32V11descriptionSSvg", "main", "$sSo3fooaD",
    ])
    #expect(names[Self.push8]?.module == "a")
    #expect(names["$es6UInt32V11descriptionSSvg"]?.module == "Swift")
    #expect(names["$sSo3fooaD"]?.module == "__C")
    #expect(names["main"]?.module == nil)
    #expect(names["main"]?.full == "main")
  }

  @Test("A copy that the linker renamed keeps the name that was written.")
  func suffix() {
    let names = SwiftNames.readable(["$e1a5totals6UInt32Vvp.0"])
    #expect(names["$e1a5totals6UInt32Vvp.0"]?.generic == "a.total : Swift.UInt32")
  }

  @Test("The name for a table starts with what was written and has no noise.")
  func display() {
    #expect(
      SwiftNames.readable([Self.push32])[Self.push32]?.display == "a.Ring.push(A) -> Bool <UInt32>")
    let noisy = "A.B.(c in _1E0679E4C164FEED686B6AC3BBB60B83)<A where A1: A.P>(_: Swift.Int) -> ()"
    #expect(SwiftNames.shortened(noisy) == "A.B.c(_: Int) -> ()")
    #expect(SwiftNames.shortened("a > b.c where <") == "a > b.c where <")
    #expect(SwiftNames.shortened("x.( in _") == "x.( in _")
  }

  @Test("Without a toolchain the identifiers still name the part.")
  func fallback() {
    let names = SwiftNames.readable([Self.push32], usingToolchain: false)
    #expect(names[Self.push32]?.generic == "a.Ring.push.UInt32")
  }

  @Test(
    "Names that only look mangled come back as they are.",
    arguments: ["$", "$e", "$t", "$d.4", "_$s", "$e99999999999999999999x", "$s0", "$e\u{301}12"])
  func nonsense(name: String) {
    #expect(SwiftNames.readable([name], usingToolchain: false)[name] != nil)
    #expect(SwiftNames.readable([name])[name]?.full.isEmpty == false)
  }
}
