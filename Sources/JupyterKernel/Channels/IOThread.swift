import CZeroMQ
import JupyterProtocol
import Logging

/// The thread that owns every socket: it reads requests, sends what waits in the outbox, and sleeps in
/// `zmq_poll` otherwise.
///
/// ZeroMQ's descriptors are edge-triggered, and a send can swallow the wake-up of a receive. Waiting in
/// `zmq_poll` and reading until nothing is left, on this thread only, has neither problem.
struct IOThread {
  /// How long a reader that is full may hold up what is published, in milliseconds: long where nobody else
  /// reads, shorter where others wait behind it.
  ///
  /// What is then sent past it misses everyone who is full at that moment, so it is long enough for a reader
  /// that reads at all to catch up with what waits for it.
  static func stallLimit(subscriptions: Int) -> Int { subscriptions > 1 ? 6_000 : 15_000 }
  /// How many messages one socket may deliver before the others have their turn.
  private static let turn = 64
  /// How many such turns are read at most at once when the requests that are queued are to be aborted: as many
  /// messages as wait in a socket.
  private static let sweptTurns = 2 * Int(Sockets.replyHighWater) / turn

  let sockets: Sockets
  let outbox: Outbox
  let publisher: Publisher
  let rejections: Rejections
  let log: Logger
  var dispatcher: Dispatcher

  private var hasStarted = false
  private var stalled: (frames: [[UInt8]], since: Int)?
  private var subscriptions = 0

  init(
    sockets: Sockets, outbox: Outbox, publisher: Publisher, rejections: Rejections, log: Logger,
    dispatcher: Dispatcher
  ) {
    self.sockets = sockets
    self.outbox = outbox
    self.publisher = publisher
    self.rejections = rejections
    self.log = log
    self.dispatcher = dispatcher
  }

  /// The life of the thread, until the outbox is closed and empty.
  mutating func run() {
    let watched = [sockets.control, sockets.shell, sockets.stdin, sockets.publications]
    var items = watched.map { socket in
      zmq_pollitem_t(socket: socket.handle, fd: 0, events: Int16(ZMQ_POLLIN), revents: 0)
    }
    items.append(
      zmq_pollitem_t(
        socket: nil, fd: sockets.wake.descriptor, events: Int16(ZMQ_POLLIN), revents: 0))
    var hasMore = false
    while true {
      let isIdle = !send() && !hasMore
      if isIdle, outbox.isClosing, stalled == nil, !send() { break }
      zmq_poll(&items, Int32(items.count), isIdle ? sleep() : 0)
      outbox.awake()
      if items[watched.count].revents != 0 { sockets.wake.answer() }
      // `zmq_poll` looks into every socket before it sleeps, so one without an event has nothing; asking an
      // empty one again costs a call of the system.
      hasMore = false
      if items[0].revents != 0 { hasMore = read(.control, Self.turn) }
      if items[1].revents != 0 { hasMore = read(.shell, Self.turn) || hasMore }
      if items[2].revents != 0 { hasMore = read(.stdin, Self.turn) || hasMore }
      if items[3].revents != 0 { hasMore = greet(Self.turn) || hasMore }
    }
    sockets.close()
  }

  /// How long to sleep in milliseconds, -1 until something happens.
  private func sleep() -> Int {
    let time = outbox.prepareToSleep(
      now: MonotonicClock.milliseconds, stalled: stalled != nil)
    // A publisher socket never says that there is room again, so a stalled one is tried in turns.
    guard stalled != nil else { return time }
    return time < 0 ? 2 : min(time, 2)
  }

  private func socket(_ channel: Channel) -> Socket {
    switch channel {
    case .shell: sockets.shell
    case .control: sockets.control
    case .stdin: sockets.stdin
    }
  }

  /// Reads messages until nothing is left or the turn is over; `true` when there may be more.
  private mutating func read(_ channel: Channel, _ limit: Int) -> Bool {
    let socket = socket(channel)
    for _ in 0..<limit {
      switch socket.receive(maximumFrames: WireMessage.maximumFrames) {
      case .message(let frames): dispatcher.take(frames, from: channel)
      case .tooLarge(let size): rejections.note("too large: \(size)")
      case .nothing, .closed: return false
      }
    }
    return true
  }

  /// Welcomes new subscribers, so many at most; the first one also learns that the kernel is starting.
  ///
  /// - Returns: whether there may be more.
  private mutating func greet(_ limit: Int) -> Bool {
    for _ in 0..<limit {
      guard case .message(let frames) = sockets.publications.receive() else { return false }
      guard frames.count == 1, let first = frames[0].first else { continue }
      subscriptions += first == 1 ? 1 : first == 0 && subscriptions > 0 ? -1 : 0
      // Welcomes wait with what is published: where that is more than cells may leave, somebody floods.
      guard first == 1, frames[0].count <= 256, !outbox.isOverfull,
        let topic = String(validating: frames[0].dropFirst(), as: UTF8.self)
      else { continue }
      let welcome = WelcomeMessage(subscription: topic)
      if topic.isEmpty {
        publisher.publish(welcome, for: nil)
      } else {
        // Under the subscribed topic itself, or this subscriber would not hear it.
        let message = publisher.composer.message(
          welcome, prefix: [Array(topic.utf8)], parent: nil)
        outbox.publish(message.frames, parent: nil)
      }
      if !hasStarted {
        hasStarted = true
        publisher.publish(StatusMessage(.starting), for: nil)
      }
    }
    return true
  }

  /// Sends what may leave now, within a turn; `true` when there may be more.
  private mutating func send() -> Bool {
    let now = MonotonicClock.milliseconds
    if let (frames, since) = stalled {
      if publish(frames) {
        stalled = nil
      } else if now - since > Self.stallLimit(subscriptions: subscriptions) {
        publishPastStalledReader(frames, after: now - since)
        stalled = nil
      }
    }
    for _ in 0..<Self.turn {
      switch outbox.next(now: now, stalled: stalled != nil) {
      case nil:
        outbox.announceRoom()
        return false
      case .sweep:
        // What was queued when a cell failed; who sends without end does not keep the thread here.
        for _ in 0..<Self.sweptTurns { guard read(.shell, Self.turn) else { break } }
        outbox.sweepDone()
      case .reply(let reply):
        _ = socket(reply.channel).send(reply.frames)
      case .publication(let item):
        let frames: [[UInt8]] =
          switch item {
          case .message(let frames): frames
          case .text(let text): publisher.composer.publication(text)
          }
        let textBytes = if case .text = item { frames.reduce(0) { $0 + $1.count } } else { 0 }
        outbox.left(textBytes: textBytes, now: now)
        if !publish(frames) { stalled = (frames, now) }
      }
    }
    outbox.announceRoom()
    return true
  }

  private func publish(_ frames: [[UInt8]]) -> Bool {
    if case .wouldBlock = sockets.publications.send(frames) { return false }
    return true
  }

  /// Sends to everyone but the readers that are full; ZeroMQ then skips those until they read again.
  private func publishPastStalledReader(_ frames: [[UInt8]], after milliseconds: Int) {
    log.warning(
      "a subscriber has read nothing for \(milliseconds / 1_000) s; it is skipped until it does")
    sockets.publications.set(ZMQ_XPUB_NODROP, 0)
    _ = sockets.publications.send(frames)
    sockets.publications.set(ZMQ_XPUB_NODROP, 1)
  }
}
