// TimelineKitTests/PageScriptTests.swift: the page's script in a real browser, where there is one.
// The browser is not among the tools that a build needs: without it this one test does not run.

import Foundation
import Testing

@testable import TimelineKit

@Suite struct PageScriptTests {
  static let browser = "/usr/bin/chromium"

  @Test(
    "The script runs through without an error: it draws, zooms, follows a message, explains.",
    .enabled(if: FileManager.default.isExecutableFile(atPath: browser), "needs \(browser)"))
  func script() throws {
    let probe = """
      <script>addEventListener("load",()=>{try{look(20000,80000);zoom(0.5);zoom(4);
      follow(1);const g=document.querySelector("[data-m]");
      g.dispatchEvent(new MouseEvent("mousemove",{bubbles:true,clientX:9,clientY:9}));
      document.title="done:"+tip.textContent.length}catch(e){document.title="error: "+e}})</script>
      """
    let html = Page(Stream.story().timeline).html
      .replacingOccurrences(of: "</body>", with: probe + "</body>")
    let folder = FileManager.default.temporaryDirectory
      .appending(path: "page-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    let file = folder.appending(path: "page.html")
    try Data(html.utf8).write(to: file)
    let process = Process()
    process.executableURL = URL(filePath: "/usr/bin/timeout")
    process.arguments = [
      "300", Self.browser, "--headless", "--no-sandbox", "--disable-gpu",
      "--user-data-dir=\(folder.path)/profile", "--dump-dom", file.absoluteString,
    ]
    let output = Pipe()
    process.standardOutput = output
    process.standardError = FileHandle.nullDevice
    try process.run()
    let dom = String(decoding: output.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
    process.waitUntilExit()
    #expect(dom.contains("data-ready=\"yes\""))
    #expect(dom.contains("<title>done:"), "\(dom.prefix(600))")
    #expect(!dom.contains("<title>done:0<"))
  }
}
