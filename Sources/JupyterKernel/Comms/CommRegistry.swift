import JupyterProtocol
import Synchronization

/// The targets that comms can be opened to, and the comms that are open.
///
/// Whoever makes the kernel makes the registry and passes it to both the kernel and the features that
/// have targets.
public final class CommRegistry: Sendable {
  private struct Entry {
    let serial: Int
    let target: String
    let handler: any CommTarget
    /// Whether the front end still counts it as open; its last messages may still be waiting.
    var isListed = true
  }

  private struct State {
    var targets: [String: any CommTarget] = [EchoTarget.name: EchoTarget()]
    var comms: [String: Entry] = [:]
    var opened = 0
    var publisher: Publisher?
  }

  private let state = Mutex(State())

  /// Makes a registry that knows only `orbit.echo`.
  public init() {}

  /// Names a target; from now on front ends can open comms to it.
  public func register(_ target: any CommTarget, as name: String) {
    state.withLock { $0.targets[name] = target }
  }

  /// Opens a comm from the kernel's side, to what the front ends know under a target's name.
  ///
  /// - Returns: the comm, or `nil` before the kernel has started.
  public func open(
    _ target: String, handledBy handler: any CommTarget, with payload: CommPayload = CommPayload()
  ) -> Comm? {
    let id = Identifier.random()
    let opened = state.withLock { state -> (serial: Int, publisher: Publisher)? in
      guard let publisher = state.publisher else { return nil }
      return (insert(id, target, handler, &state), publisher)
    }
    guard let (serial, publisher) = opened else { return nil }
    let comm = Comm(id: id, serial: serial, target: target, registry: self, parent: nil)
    let content = CommOpen(commID: comm.id, target: target, data: payload.data)
    Self.publish(content, payload, for: comm, publisher)
    return comm
  }

  private func insert(
    _ id: String, _ target: String, _ handler: any CommTarget, _ state: inout State
  ) -> Int {
    state.opened += 1
    state.comms[id] = Entry(serial: state.opened, target: target, handler: handler)
    return state.opened
  }

  // MARK: The kernel

  /// Gives the registry its way to the front ends.
  func attach(_ publisher: Publisher) {
    state.withLock { $0.publisher = publisher }
  }

  /// The comms that are open, by identifier.
  func open(to target: String?) -> [(id: String, target: String)] {
    state.withLock { state in
      state.comms.filter { $0.value.isListed && (target == nil || $0.value.target == target) }
        .sorted { $0.value.serial < $1.value.serial }
        .map { ($0.key, $0.value.target) }
    }
  }

  /// What becomes of a message that came through a comm.
  enum Delivery {
    /// To be called in the order of the messages, on a thread that may wait.
    case call(@Sendable () -> Void)
    /// There is no such comm or target, for this reason; the front end is told that it is closed.
    case nowhere(String)
    /// It makes no sense, for this reason.
    case ignored(String)
  }

  /// Takes a message from a front end.
  ///
  /// Which comms are open changes at once, so that a question about it behind this message is answered
  /// right; the target hears of it in its turn.
  func take(_ content: any CommContent, _ payload: CommPayload, parent: [UInt8]) -> Delivery {
    state.withLock { state in
      let id = content.commID
      let known = state.comms[id].flatMap { $0.isListed ? $0 : nil }
      if let open = content as? CommOpen {
        guard let handler = state.targets[open.target] else {
          return .nowhere("a comm to the unknown target '\(open.target.prefix(64))' was closed")
        }
        // The older one stays; to close the name would close it too.
        guard known == nil else { return .ignored("a comm_open for a comm that is open") }
        let serial = insert(id, open.target, handler, &state)
        let comm = Comm(
          id: id, serial: serial, target: open.target, registry: self, parent: parent)
        return .call { handler.opened(comm, with: payload) }
      }
      guard let known else {
        if content is CommClose { return .ignored("a comm_close for a comm that is not open") }
        // A front end that outlived the kernel before this one learns that its comm is gone.
        return .nowhere("a message through a comm that is not open")
      }
      let comm = Comm(
        id: id, serial: known.serial, target: known.target, registry: self, parent: parent)
      guard content is CommClose else {
        return .call { known.handler.received(payload, through: comm) }
      }
      state.comms[id]?.isListed = false
      return .call {
        self.state.withLock { _ = Self.remove(comm, &$0) }
        known.handler.closed(comm, with: payload)
      }
    }
  }

  /// Forgets a comm, and says whether it was there; under its identifier another may have been opened since.
  private static func remove(_ comm: Comm, _ state: inout State) -> Bool {
    guard state.comms[comm.id]?.serial == comm.serial else { return false }
    state.comms[comm.id] = nil
    return true
  }

  // MARK: Comms

  func send(_ payload: CommPayload, through comm: Comm) -> Bool {
    let publisher = state.withLock {
      $0.comms[comm.id]?.serial == comm.serial ? $0.publisher : nil
    }
    guard let publisher else { return false }
    Self.publish(CommMessage(commID: comm.id, data: payload.data), payload, for: comm, publisher)
    return true
  }

  func close(_ comm: Comm, with payload: CommPayload) {
    let publisher = state.withLock { state -> Publisher? in
      Self.remove(comm, &state) ? state.publisher : nil
    }
    guard let publisher else { return }
    Self.publish(CommClose(commID: comm.id, data: payload.data), payload, for: comm, publisher)
  }

  private static func publish(
    _ content: some MessageContent, _ payload: CommPayload, for comm: Comm, _ publisher: Publisher
  ) {
    // A feature that talks faster than front ends listen waits, as a cell does.
    publisher.outbox.waitForRoom { false }
    let frames = publisher.composer.publication(
      content, parent: comm.parent, metadata: payload.metadata, buffers: payload.buffers)
    publisher.outbox.publish(frames, parent: comm.parent)
  }
}
