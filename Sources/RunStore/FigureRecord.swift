import GRDB

/// A picture that was drawn of a run or of the model that it trained.
public struct FigureRecord: Sendable, Equatable {
  /// The run.
  public var run: Int
  /// The session and the line of the cell that drew it.
  public var session: Int?, cell: Int?
  /// The word that drew it, such as `latents`.
  public var word: String
  /// What it shows, in words.
  public var caption: String
  /// When it was drawn, in seconds since 1970.
  public var time: Double

  /// A picture; without `time` it was drawn now.
  public init(
    run: Int, session: Int? = nil, cell: Int? = nil, word: String, caption: String,
    time: Double? = nil
  ) {
    self.run = run
    self.session = session
    self.cell = cell
    self.word = word
    self.caption = caption
    self.time = time ?? secondsSince1970()
  }
}

extension RunStore {
  /// Adds a picture.
  ///
  /// - Throws: `RunStoreError` when there is no such run or session, or it cannot be written.
  public func append(_ figure: FigureRecord) throws(RunStoreError) {
    try write("add a figure of run \(figure.run)") { database in
      try database.execute(
        sql: """
          INSERT INTO figures (run, session, cell, word, caption, time) VALUES (?, ?, ?, ?, ?, ?)
          """,
        arguments: [
          figure.run, figure.session, figure.cell, figure.word.storable, figure.caption.storable,
          figure.time,
        ])
    }
  }

  /// The pictures of a run in the order in which they were drawn.
  ///
  /// - Throws: `RunStoreError` when they cannot be read.
  public func figures(of run: Int) throws(RunStoreError) -> [FigureRecord] {
    try read("read the figures of run \(run)") { database in
      try Row.fetchAll(
        database, sql: "SELECT * FROM figures WHERE run = ? ORDER BY rowid", arguments: [run]
      ).map { row in
        FigureRecord(
          run: try row.decode(forColumn: "run"), session: try row.decode(forColumn: "session"),
          cell: try row.decode(forColumn: "cell"), word: try row.decode(forColumn: "word"),
          caption: try row.decode(forColumn: "caption"), time: try row.decode(forColumn: "time"))
      }
    }
  }
}
