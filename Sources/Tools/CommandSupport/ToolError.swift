// CommandSupport/ToolError.swift: how a command ends that fails: one text and a status, never a trace.

import ApusBuild
import ArgumentParser
import ELFKit
import Foundation
import ImagePlan
import QEMUKit

/// An error whose text is complete and which knows the status to exit with.
public protocol ToolError: Error, CustomStringConvertible {
  /// 1: the answer is no; 2: something that cannot be read or is missing.
  var exitCode: Int32 { get }
}

extension ToolError {
  public var exitCode: Int32 { 2 }
}

extension BuildError: ToolError {}
extension ELFError: ToolError {}
extension PlanError: ToolError {}
extension QEMUError: ToolError {}

extension AsyncParsableCommand {
  /// Parses the command line, runs the verb, and shows an error on standard error.
  ///
  /// It does not return after an error: the process ends with the error's status.
  public static func runAsTool() async {
    do {
      var command = try parseAsRoot()
      if var asynchronous = command as? any AsyncParsableCommand {
        try await asynchronous.run()
      } else {
        try command.run()
      }
    } catch let error as any ToolError {
      printToStandardError("error: \(error)")
      Foundation.exit(error.exitCode)
    } catch {
      exit(withError: error)
    }
  }
}
