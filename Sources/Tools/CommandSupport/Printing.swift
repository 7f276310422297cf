// CommandSupport/Printing.swift: what the tools print; somebody else's text cannot act on the terminal.

import Foundation
import PlainText

/// Prints `text`; what others wrote in it, a guest or a file, cannot act on the terminal.
///
/// It takes the place of Swift's for all verbs. Only the guest's console itself comes as it is.
public func print(_ text: String, terminator: String = "\n") {
  Swift.print(text.spelledOutByLine, terminator: terminator)
}

/// Prints a line that can be read at once behind a pipe, too: for runs of minutes and hours.
public func printAtOnce(_ text: String) {
  print(text)
  fflush(nil)
}

/// Prints a line where it does not mix with the answer.
public func printToStandardError(_ text: String) {
  FileHandle.standardError.write(Data((text.spelledOutByLine + "\n").utf8))
}
