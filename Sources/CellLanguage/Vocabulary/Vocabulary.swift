/// The words that cells may use.
public struct Vocabulary: Sendable {
  /// The commands in the order of their declaration.
  public let commands: [Command]
  private let places: [String: Int]

  /// Collects commands; of two with the same name the later one counts.
  ///
  /// - Parameter includingStandardWords: whether `print`, `min`, `Int(…)` and the like are added
  /// before the others.
  public init(_ commands: [Command], includingStandardWords: Bool = true) {
    var kept: [Command] = []
    var places: [String: Int] = [:]
    for command in (includingStandardWords ? StandardWords.all : []) + commands {
      if let place = places[command.name] {
        kept[place] = command
      } else {
        places[command.name] = kept.count
        kept.append(command)
      }
    }
    self.commands = kept
    self.places = places
  }

  /// The command with a name.
  public func lookup(_ name: String) -> Command? { places[name].map { commands[$0] } }

  /// The names nearest to a misspelled one, best first; empty when none is near.
  public func nearestNames(to name: String, limit: Int = 3) -> [String] {
    Array(nearestFew(name, among: commands.map(\.name)).prefix(limit))
  }

  /// The commands of each topic, in the order of their declaration.
  public var topics: [(topic: String, commands: [Command])] {
    var order: [String] = []
    var groups: [String: [Command]] = [:]
    for command in commands {
      if groups[command.topic] == nil { order.append(command.topic) }
      groups[command.topic, default: []].append(command)
    }
    return order.map { ($0, groups[$0] ?? []) }
  }
}
