// ConformanceKit/Rest.swift: families of the catalogue that have no cases yet.
// Each goes to a file of its own with its first case.

extension Case {
  static let beyond: [Case] = []
  static let memory: [Case] = []
  static let instructions: [Case] = []
  static let systemSpace: [Case] = []
  static let exceptions: [Case] = []
  static let returns: [Case] = []
  static let floatingPoint: [Case] = []
  static let registers: [Case] = []
  static let slices: [Case] = []
  static let messages: [Case] = []
  static let leases: [Case] = []
  static let notifications: [Case] = []
  static let timers: [Case] = []
  static let supervision: [Case] = []
}
