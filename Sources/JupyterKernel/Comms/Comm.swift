public import JupyterProtocol

/// What goes through a comm, in either direction.
public struct CommPayload: Sendable, Equatable {
  /// What is said.
  public var data: JSONObject
  /// What is said about it.
  public var metadata: JSONObject
  /// Bytes beside it, which are sent as they are.
  public var buffers: [[UInt8]]

  /// Makes a payload.
  public init(data: JSONObject = [:], metadata: JSONObject = [:], buffers: [[UInt8]] = []) {
    self.data = data
    self.metadata = metadata
    self.buffers = buffers
  }
}

/// A feature of the kernel that front ends open comms to.
///
/// The calls for one comm come in the order of its messages, on a thread that also answers questions, while
/// a cell runs too: they must be quick, and whatever takes longer belongs on a thread of its own. Comms of
/// different subshells are served by different threads.
public protocol CommTarget: Sendable {
  /// Says that a front end has opened a comm; to refuse it, close it.
  func opened(_ comm: Comm, with payload: CommPayload)

  /// Takes a message.
  func received(_ payload: CommPayload, through comm: Comm)

  /// Says that the front end has closed a comm; nothing can be sent through it any more.
  func closed(_ comm: Comm, with payload: CommPayload)
}

extension CommTarget {
  /// Does nothing.
  public func opened(_ comm: Comm, with payload: CommPayload) {}

  /// Does nothing.
  public func closed(_ comm: Comm, with payload: CommPayload) {}
}

/// One open line between a target and the front ends; all methods may be called from any thread.
public struct Comm: Sendable {
  /// Its identifier, the same on both ends.
  public let id: String
  /// Which of all comms it is: an identifier is free again once its comm is closed.
  let serial: Int
  /// The name of the target that it was opened to.
  public let target: String

  /// Weak, as targets keep their comms and the registry its targets.
  weak let registry: CommRegistry?
  /// The header of the message that this value came with, the parent of what is sent through it.
  let parent: [UInt8]?

  /// Sends a message to the front ends.
  ///
  /// - Returns: whether the comm is still open; through a closed one nothing is sent.
  @discardableResult
  public func send(_ payload: CommPayload) -> Bool {
    registry?.send(payload, through: self) ?? false
  }

  /// Closes the comm on both ends.
  public func close(_ payload: CommPayload = CommPayload()) {
    registry?.close(self, with: payload)
  }
}

/// The target `orbit.echo`: it sends back every message, data, metadata and buffers unchanged.
///
/// With it a front end, or a test, sees whether its comms arrive whole.
struct EchoTarget: CommTarget {
  static let name = "orbit.echo"

  func received(_ payload: CommPayload, through comm: Comm) {
    comm.send(payload)
  }
}
