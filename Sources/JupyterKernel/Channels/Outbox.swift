/// Everything that waits for the I/O thread, which alone touches the sockets.
///
/// Any thread puts finished frames in; if the I/O thread sleeps, it is woken once.
final class Outbox: Sendable {
  /// A message to one client.
  struct Reply: Sendable {
    let channel: Channel
    let frames: [[UInt8]]
  }

  /// What the I/O thread finds when it looks.
  enum Work {
    case reply(Reply)
    case publication(PublicationQueue.Item)
    /// Read everything that has arrived, then answer with `sweepDone`.
    case sweep
  }

  /// How many bytes may wait before a cell that publishes has to wait too.
  static let capacity = 16 << 20
  /// How long such a cell waits at most, in milliseconds, before it goes on regardless.
  static let patience = 20_000
  /// How long what a cell publishes may wait for the I/O thread when more of it has just left, in milliseconds.
  ///
  /// Waking a thread costs as much as making a small message. So who publishes without a pause has its messages
  /// taken many at a time, and the result of a short cell leaves with its reply.
  static let nap = 1

  private struct State {
    var replies: [Reply] = []
    var publications: PublicationQueue
    /// The running cell, whose busy status is repeated after every side request.
    var running: Origin?
    var ioSleeps = false
    /// Whether it sleeps for a nap only, which what is published need not end.
    var ioNaps = false
    /// Whether something was published since the last sleep, which more may follow.
    var expectsMore = false
    var sweepsRequested = 0
    var sweepsDone = 0
    var waitingForRoom = 0
    var isClosing = false
  }

  private let state: Monitor<State>
  private let wake: @Sendable () -> Void

  /// Makes an outbox; `wake` is called under the outbox's lock, so one thread at a time.
  init(pace: Pace? = nil, wake: @escaping @Sendable () -> Void) {
    state = Monitor(State(publications: PublicationQueue(pace: pace)))
    self.wake = wake
  }

  private func put<Result>(_ body: (inout State) -> Result) -> Result {
    state.withLock { state in
      defer { rouse(&state) }
      return body(&state)
    }
  }

  private func rouse(_ state: inout State) {
    guard state.ioSleeps else { return }
    state.ioSleeps = false
    wake()
  }

  /// Puts something in that others may follow at once, so that it does not end a nap.
  private func publish(_ body: (inout State) -> Void) {
    state.withLock { state in
      body(&state)
      state.expectsMore = true
      if !state.ioNaps { rouse(&state) }
    }
  }

  // MARK: Any thread

  /// Sends a message to one client.
  func send(_ reply: Reply) {
    put { $0.replies.append(reply) }
  }

  /// Publishes a message.
  func publish(_ frames: [[UInt8]], parent: [UInt8]?, update: String? = nil) {
    publish { $0.publications.append(frames, parent: parent, update: update) }
  }

  /// Publishes printed text soon.
  func publish(_ text: StreamText) {
    publish { $0.publications.append(text) }
  }

  /// Publishes waiting text now.
  func flush() {
    put { $0.publications.flush() }
  }

  /// Publishes a cell's busy and its code; from here on it is the running cell.
  func beginCell(_ origin: Origin, busy: [[UInt8]], input: [[UInt8]]?) {
    publish { state in
      state.running = origin
      state.publications.append(busy, parent: origin.headerBytes)
      if let input { state.publications.append(input, parent: origin.headerBytes) }
    }
  }

  /// Sends a cell's reply and publishes its idle; nothing runs any more.
  func endCell(_ origin: Origin, reply: Reply, idle: [[UInt8]]) {
    put { state in
      state.running = nil
      state.replies.append(reply)
      state.publications.append(idle, parent: origin.headerBytes)
    }
  }

  /// Sends the reply to a side request, and publishes its busy and what `endSideRequest` does.
  func answer(
    _ origin: Origin, busy: [[UInt8]], reply: Reply, idle: [[UInt8]],
    busyAgain: (Origin) -> [[UInt8]]
  ) {
    put { state in
      state.publications.append(busy, parent: origin.headerBytes)
      state.replies.append(reply)
      Self.end(origin, idle, busyAgain, &state)
    }
  }

  /// Publishes the idle of a side request, and the running cell's busy directly behind it.
  ///
  /// Simple front ends show the last status that they saw, whoever's it was.
  func endSideRequest(_ origin: Origin, idle: [[UInt8]], busyAgain: (Origin) -> [[UInt8]]) {
    put { Self.end(origin, idle, busyAgain, &$0) }
  }

  private static func end(
    _ origin: Origin, _ idle: [[UInt8]], _ busyAgain: (Origin) -> [[UInt8]], _ state: inout State
  ) {
    state.publications.append(idle, parent: origin.headerBytes)
    if let running = state.running {
      state.publications.append(busyAgain(running), parent: nil)
    }
  }

  /// Whether more waits than cells alone could leave.
  var isOverfull: Bool { state.withLock { $0.publications.bytes > 2 * Self.capacity } }

  /// Waits until a cell may publish more; short of room it waits for slow readers, but not for ever.
  func waitForRoom(giveUp: () -> Bool) {
    let isFull = state.withLock { state in
      guard state.publications.bytes > Self.capacity, !state.isClosing else { return false }
      state.waitingForRoom += 1
      return true
    }
    guard isFull else { return }
    defer { state.withLock { $0.waitingForRoom -= 1 } }
    let deadline = MonotonicClock.milliseconds + Self.patience
    while MonotonicClock.milliseconds < deadline, !giveUp() {
      // In short turns, since an interrupt does not wake this wait.
      let mayGoOn = state.wait(until: MonotonicClock.milliseconds + 20) { state -> Bool? in
        state.publications.bytes <= Self.capacity / 2 || state.isClosing ? true : nil
      }
      if mayGoOn != nil { return }
    }
  }

  /// Waits until the I/O thread has read everything that arrived before this call.
  func sweep() {
    let ticket = put { state in
      state.sweepsRequested += 1
      return state.sweepsRequested
    }
    _ = state.wait(until: MonotonicClock.milliseconds + 1_000) { state -> Bool? in
      state.sweepsDone >= ticket || state.isClosing ? true : nil
    }
  }

  /// Lets the I/O thread send what waits and then end.
  func close() {
    state.change { state in
      state.isClosing = true
      state.publications.endPace()
      rouse(&state)
    }
  }

  // MARK: The I/O thread

  /// Takes the next piece of work: replies first, then publications unless they are `stalled`.
  func next(now: Int, stalled: Bool) -> Work? {
    state.withLock { state in
      if state.sweepsRequested > state.sweepsDone { return .sweep }
      if !state.replies.isEmpty { return .reply(state.replies.removeFirst()) }
      guard !stalled, let item = state.publications.next(now: now) else { return nil }
      return .publication(item)
    }
  }

  /// Notes that a publication was sent, and how many bytes of it are counted as printed text.
  func left(textBytes: Int, now: Int) {
    state.withLock { $0.publications.left(textBytes: textBytes, now: now) }
  }

  /// Says that everything that had arrived has been read.
  func sweepDone() {
    state.change { $0.sweepsDone = $0.sweepsRequested }
  }

  /// Lets cells that wait for room go on when there is some.
  func announceRoom() {
    let someoneWaits = state.withLock { state in
      state.waitingForRoom > 0 && state.publications.bytes <= Self.capacity / 2
    }
    if someoneWaits { state.change { _ in } }
  }

  /// Prepares for sleep: how long the I/O thread may sleep in milliseconds, -1 for ever.
  ///
  /// Once this returns anything but 0, whoever puts something in wakes the thread, but for publications in a
  /// nap.
  func prepareToSleep(now: Int, stalled: Bool) -> Int {
    state.withLock { state in
      if state.sweepsRequested > state.sweepsDone || !state.replies.isEmpty { return 0 }
      let departure = stalled ? nil : state.publications.departure(now: now)
      if let departure, departure <= now { return 0 }
      state.ioSleeps = true
      let time = departure.map { $0 - now } ?? -1
      guard state.expectsMore else { return time }
      state.expectsMore = false
      state.ioNaps = true
      return time < 0 ? Self.nap : min(time, Self.nap)
    }
  }

  /// Says that the I/O thread is awake.
  func awake() {
    state.withLock { state in
      state.ioSleeps = false
      state.ioNaps = false
    }
  }

  /// Whether the I/O thread should end as soon as nothing waits.
  var isClosing: Bool { state.withLock { $0.isClosing } }
}
