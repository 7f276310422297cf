// Conversations/LivesTalk.swift: what the app `lives` says, on a board and in the simulator.

/// Six lives of a task: a fault and a reset of the machine end them in turn.
public enum LivesTalk {
  /// All of it.
  public static let all = "nothing kept\r\n" + (1...6).map { "life \($0)\r\n" }.joined()
}
