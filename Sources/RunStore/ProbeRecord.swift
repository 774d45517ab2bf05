import GRDB

/// A measurement of the model that a run trained, such as the accuracy of its nearest neighbours.
public struct ProbeRecord: Sendable, Equatable {
  /// The run that trained the model last.
  public var run: Int
  /// What was measured, by the word that measures it: `knn`.
  public var name: String
  /// The value; one that is not a number stays so.
  public var value: Double
  /// All that the value depends on.
  public var protocolText: String
  /// The steps that the model had taken.
  public var step: Int
  /// When it was measured, in seconds since 1970.
  public var time: Double

  /// A measurement; without `time` it was made now.
  public init(
    run: Int, name: String, value: Double, protocolText: String, step: Int, time: Double? = nil
  ) {
    self.run = run
    self.name = name
    self.value = value
    self.protocolText = protocolText
    self.step = step
    self.time = time ?? secondsSince1970()
  }
}

extension RunStore {
  /// Adds a measurement.
  ///
  /// - Throws: `RunStoreError` when there is no such run, or it cannot be written.
  public func append(_ probe: ProbeRecord) throws(RunStoreError) {
    try write("add a probe of run \(probe.run)") { database in
      try database.execute(
        sql: """
          INSERT INTO probes (run, name, value, protocol, step, time) VALUES (?, ?, ?, ?, ?, ?)
          """,
        arguments: [
          probe.run, probe.name.storable, probe.value.isNaN ? nil : probe.value,
          probe.protocolText.storable, probe.step, probe.time,
        ])
    }
  }

  /// The measurements of a run, or of all runs, in the order in which they were made.
  ///
  /// - Throws: `RunStoreError` when they cannot be read.
  public func probes(of run: Int? = nil) throws(RunStoreError) -> [ProbeRecord] {
    try read("read the probes") { database in
      try Row.fetchAll(
        database, sql: "SELECT * FROM probes WHERE :run IS NULL OR run = :run ORDER BY rowid",
        arguments: ["run": run]
      ).map { row in
        ProbeRecord(
          run: try row.decode(forColumn: "run"), name: try row.decode(forColumn: "name"),
          value: try row.decode(Double?.self, forColumn: "value") ?? .nan,
          protocolText: try row.decode(forColumn: "protocol"),
          step: try row.decode(forColumn: "step"), time: try row.decode(forColumn: "time"))
      }
    }
  }
}
